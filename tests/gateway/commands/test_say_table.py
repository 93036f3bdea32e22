"""The many ways to call ``sayline say``: what each exits with, the one line that it says, and the file that it leaves.

Each row is what a person types into a shell, where ``$SAY`` is ``sayline say`` and the other names are addresses.
"""

import contextlib
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from say_process import check_endless_wav, check_file, check_wav, restore_signals, sound_at
from server_process import SERVE, ServerProcess
from web_servers import web_server

KEY = "S3CRET-key"
SPOKEN = r"first audio after \d+ ms, \d+\.\d s spoken"
INTERRUPTED = rf"({SPOKEN}|nothing spoken), interrupted"
ENDLESS_TEXT = '< <(yes "One sentence, and then another one.")'
# A background job that the shell lets have its signals, sent once there is sound in the file.
IN_BACKGROUND = f"set -m; $SAY - --out a.wav {ENDLESS_TEXT} & until [ -s a.wav ]; do sleep 0.05; done; "
# A server that is killed once there is sound in the file.
DYING_SERVER = (
    "$SERVE --port 0 --engine espeak --log-level error > log & SERVER=$!; "
    "until grep -qs listening log; do sleep 0.05; done; "
    f"$SAY - --out a.wav --url $(sed -n 's/.*listening on //p' log) {ENDLESS_TEXT} & "
    "until [ -s a.wav ]; do sleep 0.05; done; kill -KILL $SERVER; wait $!"
)


def sound(name, least_s=0.3):
    """A file that is what its header says, and holds speech."""

    def check(folder):
        assert check_file(folder / name) > least_s

    return check


def endless(name, least_s=0.3, skip=0):
    """A WAV that was written to what cannot seek, behind ``skip`` bytes that were there."""

    def check(folder):
        assert check_endless_wav((folder / name).read_bytes()[skip:]) > least_s * 24_000

    return check


def samples(name):
    def check(folder):
        assert (folder / name).stat().st_size > 10_000
        assert (folder / name).read_bytes()[:4] not in (b"RIFF", b"OggS")

    return check


def behind_other_bytes(folder):
    content = (folder / "a").read_bytes()
    assert content[:3] == b"abc"
    assert check_wav(content[3:]) > 5000


def killed(folder):
    """Killed between a frame and its header, the file has that frame more than it says."""
    content = (folder / "a.wav").read_bytes()
    at, size = sound_at(content)
    assert len(content) - at - size in (0, 960)


def nothing(folder):
    left = [path.name for path in folder.iterdir() if path.suffix in (".wav", ".ogg")]
    assert left == []


def untouched(folder):
    assert (folder / "a.wav").read_text() == "old\n"


# what is typed, exit status, the line, what is left
ROWS = [
    # -- texts
    ("$SAY Hello there. --out a.wav", 0, SPOKEN, sound("a.wav")),
    ('$SAY "Hello there." --out a.wav', 0, SPOKEN, sound("a.wav")),
    ("echo Hello there. | $SAY - --out a.wav", 0, SPOKEN, sound("a.wav")),
    ("echo Hello there. | $SAY --out a.wav", 0, SPOKEN, sound("a.wav")),
    ("echo Hello there. > text; $SAY - --out a.wav < text", 0, SPOKEN, sound("a.wav")),
    ("$SAY --out a.wav -- -5 degrees", 0, SPOKEN, sound("a.wav")),
    (
        "echo Hello. > notes.txt; $SAY notes.txt --out a.wav",
        0,
        rf"{SPOKEN} \(the name; what is in the file: sayline say - < notes\.txt\)",
        sound("a.wav"),
    ),
    ("printf 'Stra\\337e und Wege.' | $SAY - --out a.wav", 0, SPOKEN, sound("a.wav")),
    (
        "{ echo Hello there.; yes -- --- | head -c 400000; echo; echo And goodbye.; } | $SAY - --out a.wav",
        0,
        SPOKEN,
        sound("a.wav", 0.8),
    ),
    ("$SAY - --out a.wav < /dev/null", 2, "sayline: there is nothing to say: standard input had no text", nothing),
    ("$SAY '  ' --out a.wav", 2, "sayline: there is nothing to say: the text is blank", nothing),
    ("$SAY ... --out a.wav", 1, "sayline: nothing was spoken: the text has nothing to pronounce", nothing),
    ("$SAY - --out a.wav < /bin/true", 2, "sayline: that is no UTF-8 text: .* `iconv .*", nothing),
    ("head -c 999 /dev/urandom | $SAY - --out a.wav", 2, "sayline: that is no UTF-8 text: .*", nothing),
    ("echo Guten Morgen, Welt | iconv -t UTF-16 | $SAY --out a.wav", 2, "sayline: the text is UTF-16.*", nothing),
    ("$SAY - more words --out a.wav", 2, "sayline: - reads standard input, and stands alone", nothing),
    # -- outputs
    ("$SAY Hello there. --out a.ogg", 0, SPOKEN, sound("a.ogg")),
    ("$SAY Hello there. --out a.opus", 0, SPOKEN, sound("a.opus")),
    ("$SAY Hello there. --out a.raw", 0, SPOKEN, samples("a.raw")),
    ("$SAY Hello there. --format pcm --out - > a", 0, SPOKEN, samples("a")),
    ("$SAY Hello there. --format ogg --out a && mv a a.ogg", 0, SPOKEN, sound("a.ogg")),
    ("$SAY Hello there. --format opus --out - | cat > a.ogg", 0, SPOKEN, sound("a.ogg")),
    ("$SAY Hello there. --out - | cat > a.wav", 0, SPOKEN, endless("a.wav")),
    ("$SAY Hello there. --out /dev/stdout | cat > a.wav", 0, SPOKEN, endless("a.wav")),
    ("$SAY Hello there. --out /dev/stdout > a.wav", 0, SPOKEN, sound("a.wav")),
    ("$SAY Hello there. --out >(cat > a.wav); wait $!", 0, SPOKEN, endless("a.wav")),
    ("mkfifo pipe; cat pipe > a.wav & $SAY Hello there. --out pipe; wait", 0, SPOKEN, endless("a.wav")),
    ("printf abc > a; $SAY Hello there. --out - >> a", 0, SPOKEN, endless("a", skip=3)),
    ("{ printf abc; $SAY Hello there. --out -; } > a", 0, SPOKEN, behind_other_bytes),
    ("head -c 999999 /dev/zero > a.wav; $SAY Hello there. --out a.wav", 0, SPOKEN, sound("a.wav")),
    ("$SAY Hello there. --out /dev/null", 0, SPOKEN, nothing),
    ("$SAY Hello there. --out /dev/full", 1, "sayline: --out /dev/full: No space left on device", nothing),
    (
        f"ulimit -f 100; $SAY - --out a.wav {ENDLESS_TEXT}",
        1,
        "sayline: --out a.wav: File too large",
        sound("a.wav"),
    ),
    (
        f"ulimit -f 100; $SAY - --out a.ogg {ENDLESS_TEXT}",
        1,
        "sayline: --out a.ogg: File too large",
        None,
    ),
    (
        f"$SAY - --out - {ENDLESS_TEXT} | head -c 5000 > /dev/null; exit ${{PIPESTATUS[0]}}",
        1,
        "sayline: --out -: its reader has closed it",
        nothing,
    ),
    ("mkdir a.wav; $SAY Hello. --out a.wav", 2, "sayline: --out a.wav: that is a folder", None),
    ("$SAY Hello. --out .", 2, "sayline: --out .: that is a folder", nothing),
    ("$SAY Hello. --out nowhere/a.wav", 2, "sayline: --out nowhere/a.wav: there is no folder nowhere", nothing),
    (
        "$SAY Hello. --out /sys/a.wav",
        2,
        "sayline: --out /sys/a.wav: (Permission denied|Read-only.*)",
        nothing,
    ),
    ("$SAY Hello. --out ''", 2, "sayline: --out: no file is named; .*", nothing),
    ("$SAY Hello. --out a.mp3", 2, r"sayline: --out a\.mp3: the name should end in \.wav, \.ogg or \.opus .*", nothing),
    ("$SAY Hello. --out a", 2, "sayline: --out a: the name should end in .*--format says what it is", nothing),
    ("$SAY Hello. --out a --format mp3", 2, "sayline: argument --format: invalid choice: 'mp3' .*", nothing),
    ("$SAY Hello. --format wav", 2, "sayline: --format says what --out FILE holds; .*", nothing),
    ("PATH=/nonexistent $SAY Hello.", 2, "sayline: there is no audio device .* --out speech.wav, .*", nothing),
    # -- closed descriptors
    ("$SAY --out a.wav <&-", 2, "sayline: standard input is closed, .*", nothing),
    ("$SAY - --out a.wav <&-", 2, "sayline: standard input is closed, .*", nothing),
    ("$SAY Hello there. --out a.wav <&-", 0, SPOKEN, sound("a.wav")),
    ("$SAY Hello there. --out a.wav <&- >&-", 0, SPOKEN, sound("a.wav")),
    ("$SAY Hello there. --out a.wav <&- >&- 2>&-", 0, "", sound("a.wav")),
    ("$SAY Hello there. --out a.wav 2> /dev/full", 0, "", sound("a.wav")),
    ("$SAY Hello there. --out - >&-", 2, "sayline: --out -: that descriptor is closed", nothing),
    ("$SAY Hello there. --out - > a 1< a", 2, "sayline: --out -: that descriptor is open for reading only", nothing),
    ("$SAY Hello there. --out /dev/fd/77", 2, "sayline: --out /dev/fd/77: that descriptor is closed", nothing),
    # -- flags
    ("$SAY Hello. --uot a.wav", 2, "sayline: there is no flag --uot; did you mean --out.*", nothing),
    (f"$SAY Hello. --out a.wav --kye={KEY}", 2, "sayline: there is no flag --kye; did you mean --key.*", nothing),
    ("$SAY Hello. --out a.wav --speed 9", 2, "sayline: .*speed.*", nothing),
    ("$SAY Hello. --out a.wav --speed fast", 2, "sayline: argument --speed: invalid float value: 'fast' .*", nothing),
    ("$SAY Hello. --out a.wav --voice nobody", 1, "sayline: unknown_voice: .*", nothing),
    # -- addresses
    ("$SAY Hello. --out a.wav --url $NOBODY", 1, "sayline: cannot connect to .* `sayline serve` starts one", nothing),
    ("echo old > a.wav; $SAY Hello. --out a.wav --url $NOBODY", 1, "sayline: cannot connect .*", untouched),
    ("$SAY Hello. --out a.wav --url ws://h:99999", 1, "sayline: .* is no address: a port is a number .*", nothing),
    ("$SAY Hello. --out a.wav --url ftp://x", 1, "sayline: 'ftp://x' is no address; .*", nothing),
    ("$SAY Hello. --out a.wav --url ws://nobody.invalid", 1, "sayline: .* there is no host of the name .*", nothing),
    ("$SAY Hello. --out a.wav --url wss${PLAIN#ws}", 1, "sayline: .* use ws:// instead of wss://", nothing),
    ("$SAY Hello. --out a.wav --url ws${TLS#wss}", 1, "sayline: .* use wss:// instead of ws://", nothing),
    ("$SAY Hello. --out a.wav --url $WEB", 1, "sayline: .* web server.*", nothing),
    # -- certificates and keys
    ("$SAY Hello. --out a.wav --url $TLS --key $KEY", 1, "sayline: .* does not verify: .*", nothing),
    ("$SAY Hello there. --out a.wav --url $TLS --key $KEY --ca-file $CA", 0, SPOKEN, sound("a.wav")),
    ("$SAY Hello. --out a.wav --ca-file none", 2, "sayline: --ca-file none: cannot be read: No such file .*", nothing),
    ("echo x > x; $SAY Hello. --out a.wav --ca-file x", 2, "sayline: --ca-file x: holds no certificate; .*", nothing),
    ("$SAY Hello. --out a.wav --url $TLS --ca-file $CA", 1, "sayline: .* 401: it wants an API key.*", nothing),
    (
        "$SAY Hello. --out a.wav --url $TLS --ca-file $CA --key x$KEY",
        1,
        "sayline: .* does not know this.*",
        nothing,
    ),
    ('$SAY Hello. --out a.wav --key "$KEY\nmore"', 2, "sayline: --key: the API key is not one line .*", nothing),
    ('SAYLINE_KEY="é$KEY" $SAY Hello. --out a.wav', 2, "sayline: SAYLINE_KEY: the API key is not one line .*", nothing),
    ('SAYLINE_KEY="$KEY\n" $SAY Hello there. --out a.wav --url $TLS --ca-file $CA', 0, SPOKEN, sound("a.wav")),
    # -- signals, and servers that die
    (f"{IN_BACKGROUND} kill -INT $!; wait $!", 130, INTERRUPTED, sound("a.wav", 0)),
    (f"{IN_BACKGROUND} kill -TERM $!; wait $!", 143, INTERRUPTED, sound("a.wav", 0)),
    (f"{IN_BACKGROUND} kill -HUP $!; wait $!", 129, INTERRUPTED, sound("a.wav", 0)),
    (f"{IN_BACKGROUND} kill -INT $!; kill -INT $!; wait $!", 130, f"({INTERRUPTED})?", sound("a.wav", 0)),
    (f"{IN_BACKGROUND} kill -KILL $!; wait $!", 137, "", killed),
    (
        f"{IN_BACKGROUND.removeprefix('set -m;')} kill -INT $!; kill -TERM $!; wait $!",  # SIGINT is ignored there
        143,
        INTERRUPTED,
        sound("a.wav", 0),
    ),
    ("set -m; mkfifo pipe; $SAY Hello. --out pipe & sleep 1; kill -TERM $!; wait $!", 143, "", nothing),
    (DYING_SERVER, 1, "sayline: the connection was lost.*", sound("a.wav", 0)),
]


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    """A gateway, one with TLS and a key, a plain web server, and a port on which no program listens."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run([*request, *names], check=True, capture_output=True)

    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(ServerProcess("--log-level", "error"))
        flags = ["--tls-cert", str(certificate), "--tls-key", str(key), "--api-keys", KEY]
        guarded = stack.enter_context(ServerProcess("--log-level", "error", *flags))
        web = stack.enter_context(web_server(b"hello"))
        yield {
            "PLAIN": plain.url,
            "SAYLINE_URL": plain.url,
            "TLS": guarded.url,
            "WEB": f"ws://127.0.0.1:{web}",
            "NOBODY": "ws://127.0.0.1:9",
            "CA": str(certificate),
            "KEY": KEY,
            "SAY": f"{sys.executable} -m sayline.gateway.cli say",
            "SERVE": " ".join(SERVE),
        }


@pytest.fixture(scope="module")
def runs(addresses, request, tmp_path_factory):
    """The rows that are to be tested, each being run before its turn: starting Python is most of what one takes."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SAYLINE_")}

    def run(typed, folder):
        shell = subprocess.run(
            ["bash", "-c", typed],
            cwd=folder,
            env={**inherited, **addresses},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            preexec_fn=restore_signals,
            check=False,
        )
        return folder, shell

    rows = [item.callspec.params["typed"] for item in request.session.items if item.fspath == request.fspath]
    with ThreadPoolExecutor(3) as pool:
        yield {typed: pool.submit(run, typed, tmp_path_factory.mktemp("row")) for typed in rows}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize(("typed", "status", "line", "left"), ROWS, ids=[typed for typed, *_ in ROWS])
def test_each_way_to_call_say_ends_as_promised(typed, status, line, left, runs):
    folder, shell = runs[typed].result()
    # The shell itself tells of jobs that ended otherwise than well.
    told = [line for line in shell.stderr.decode().splitlines() if not re.match(r"bash: line |\[1\]\+ ", line)]
    assert KEY not in "".join(told)
    assert re.fullmatch(line, "\n".join(told)), told
    assert shell.returncode == status
    if left is not None:
        left(folder)
