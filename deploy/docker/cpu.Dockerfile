# Sayline on a machine without a GPU: English by the neural voice, other languages by espeak-ng.
#   docker build -f deploy/docker/cpu.Dockerfile -t sayline .
#   docker run --rm -p 127.0.0.1:8080:8080 -e SAYLINE_API_KEYS=choose-one sayline
FROM python:3.12-slim-bookworm AS build
COPY . /src
# The environment lies where it will be used, since its scripts name their interpreter by path.
RUN python -m venv /opt/sayline \
 && /opt/sayline/bin/pip install --no-cache-dir --no-compile /src

FROM python:3.12-slim-bookworm
# A number, so that Kubernetes can see that it is not root; nothing is written but the cache in its home.
RUN useradd --uid 10001 --create-home sayline
COPY --from=build /opt/sayline /opt/sayline
USER 10001
WORKDIR /home/sayline
ENV PATH=/opt/sayline/bin:$PATH PYTHONUNBUFFERED=1 SAYLINE_HOST=0.0.0.0 SAYLINE_PORT=8080
EXPOSE 8080
# /ready is 503 until the voice can speak and while the gateway drains.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/ready', timeout=2)"]
# SIGTERM, Docker's own, drains: give it `drain_s` and two seconds (docker run --stop-timeout 32).
CMD ["sayline", "serve"]
