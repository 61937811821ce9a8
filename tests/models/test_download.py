import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from keepsight.models.download import download
from keepsight.models.errors import ModelError

CONTENT = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves one file in the ways that a server can have."""

    def do_GET(self):
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/file")
            self.send_header("X-Linked-Etag", f'"{"0" * 64}"')
            self.end_headers()
        elif self.path in ("/file", "/short", "/unknown-length"):
            self.send_response(200)
            if self.path != "/unknown-length":
                self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT[: 300_000 if self.path == "/short" else None])
        else:
            self.send_error(404)

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    http.server_close()
    thread.join()


def test_complete(server, tmp_path):
    heard = []
    target = tmp_path / "new" / "weights.pth"
    download(f"{server}/file", target, SHA256[:8], lambda done, total: heard.append((done, total)))
    assert target.read_bytes() == CONTENT
    assert [path.name for path in target.parent.iterdir()] == ["weights.pth"]
    assert heard == sorted(heard)
    assert heard[-1] == (len(CONTENT), len(CONTENT))


def test_server_that_states_no_length(server, tmp_path):
    heard = []
    download(
        f"{server}/unknown-length", tmp_path / "w", SHA256, lambda done, total: heard.append((done, total))
    )
    assert (tmp_path / "w").read_bytes() == CONTENT
    assert heard[-1] == (len(CONTENT), 0)


@pytest.mark.parametrize(
    ("path", "sha256", "sentence"),
    [
        ("/short", SHA256, "broke off"),
        ("/gone", SHA256, "answer 404"),
        ("/file", "0" * 8, "not the expected ones"),
        ("/redirect", "", "not the expected ones"),
    ],
)
def test_nothing_is_kept_of_a_bad_download(server, tmp_path, path, sha256, sentence):
    (tmp_path / "weights.pth").write_bytes(b"older")
    with pytest.raises(ModelError, match=sentence):
        download(server + path, tmp_path / "weights.pth", sha256)
    assert [file.name for file in tmp_path.iterdir()] == ["weights.pth"]
    assert (tmp_path / "weights.pth").read_bytes() == b"older"


def test_no_server(server, tmp_path):
    with pytest.raises(ModelError, match=r"cannot be reached. Connect to the network"):
        download("http://127.0.0.1:1/file", tmp_path / "w")
    with pytest.raises(ModelError, match="cannot be reached"):
        download("http://no-such-host.invalid/file", tmp_path / "w")
    assert not list(tmp_path.iterdir())


def test_progress_can_stop_it(server, tmp_path):
    def stop(done, total):
        raise InterruptedError("cancelled by the user")

    with pytest.raises(InterruptedError):
        download(f"{server}/file", tmp_path / "w", "", stop)
    assert not list(tmp_path.iterdir())


def test_folder_that_cannot_be_made(server, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ModelError, match="cannot be kept"):
        download(f"{server}/file", tmp_path / "file" / "folder" / "w")
