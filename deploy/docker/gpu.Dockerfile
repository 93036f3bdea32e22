# Sayline with CosyVoice3 on an NVIDIA GPU. The release and the voices are mounted, not copied in. Needs NVIDIA's container
# toolkit on the host. Never built by us: a builder without network limits and a GPU were not at hand together.
#   docker build -f deploy/docker/gpu.Dockerfile -t sayline-gpu .
#   docker run --rm --gpus all --shm-size 2g -p 127.0.0.1:8080:8080 -e SAYLINE_API_KEYS=choose-one \
#     -v "$PWD/models:/models:ro" sayline-gpu
FROM python:3.12-slim-bookworm AS build
COPY . /src
RUN python -m venv /opt/sayline \
 && /opt/sayline/bin/pip install --no-cache-dir --no-compile '/src[cosyvoice3,vllm]'

FROM python:3.12-slim-bookworm
# Triton compiles small programs for the GPU when the engine starts, by a C compiler.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home sayline
COPY --from=build /opt/sayline /opt/sayline
USER 10001
WORKDIR /home/sayline
ENV PATH=/opt/sayline/bin:$PATH PYTHONUNBUFFERED=1 SAYLINE_HOST=0.0.0.0 SAYLINE_PORT=8080 \
    SAYLINE_MODEL_DIR=/models/Fun-CosyVoice3-0.5B-2512 SAYLINE_LOAD_VLLM=true HF_HUB_OFFLINE=1 VLLM_NO_USAGE_STATS=1
EXPOSE 8080
# The engine takes one to two minutes to start on an H200.
HEALTHCHECK --interval=10s --timeout=3s --start-period=180s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/ready', timeout=2)"]
CMD ["sayline", "serve"]
