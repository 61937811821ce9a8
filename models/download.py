"""Fetch one file: complete and checked, or not at all."""

import hashlib
import http.client
import os
import re
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from keepsight.models.errors import ModelError

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all (0 where the server does not say)."""

_CHUNK = 1 << 18
_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Wanted:
    """What is fetched, in the words of the sentences about it."""

    name: str
    """Follows “The”, in the plural."""
    instead: str
    """What can be used without a network."""


WEIGHTS = Wanted("weights", "an embedded classifier: imagenet or scenes")


def download(
    url: str,
    target: Path,
    sha256: str = "",
    progress: Progress | None = None,
    *,
    md5: str = "",
    wanted: Wanted = WEIGHTS,
) -> None:
    """Fetch `url` into the file `target`, which appears only when it is complete and has the right hash.

    `sha256` is the expected hash or its first digits, lower-case hex; where it is empty, the one that the
    server states (as the Hugging Face hub does) is checked, or `md5`, for files of which no other is known.
    An exception that `progress` raises stops the download. Raises `ModelError`.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name + ".", suffix=".part")
    except OSError as error:
        raise ModelError(_no_room(target, error, wanted)) from None
    part = Path(name)
    digest = hashlib.md5(usedforsecurity=False) if md5 else hashlib.sha256()
    stated: list[str] = []
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk, done, total in _chunks(url, stated, wanted):
                try:
                    file.write(chunk)
                    file.flush()
                except OSError as error:
                    raise ModelError(_no_room(target, error, wanted)) from None
                digest.update(chunk)
                if progress:
                    progress(done, total)
        if not digest.hexdigest().startswith(md5 or sha256 or next(iter(stated), "")):
            raise ModelError(_wrong_file(urlsplit(url).netloc, "MD5" if md5 else "SHA-256", wanted))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirections and notes the hash that the hub states on the way."""

    def __init__(self, stated: list[str]) -> None:
        self._stated = stated

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> Any:
        _note_sha256(headers, self._stated)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _note_sha256(headers: Message, stated: list[str]) -> None:
    tag = headers.get("X-Linked-Etag", "").strip('"')
    if re.fullmatch("[0-9a-f]{64}", tag):
        stated.append(tag)


def _chunks(url: str, stated: list[str], wanted: Wanted) -> Iterator[tuple[bytes, int, int]]:
    """Yield the file piece by piece with bytes done and bytes in all; note hashes that the server states."""
    host = urlsplit(url).netloc
    asked = urllib.request.Request(
        url, headers={"User-Agent": "keepsight"}
    )  # some servers refuse Python's own
    try:
        answer = urllib.request.build_opener(_Redirects(stated)).open(asked, timeout=_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        raise ModelError(f"{host} does not give out the {wanted.name} (answer {error.code}): {url}") from None
    except (OSError, http.client.HTTPException):
        raise ModelError(_no_network(host, wanted)) from None
    _note_sha256(answer.headers, stated)
    total = int(answer.headers.get("Content-Length") or 0)
    done = 0
    with answer:
        while True:
            try:
                chunk = answer.read(_CHUNK)
            except (OSError, http.client.HTTPException):
                raise ModelError(_cut_short(host)) from None
            if not chunk:
                break
            done += len(chunk)
            yield chunk, done, total
    if done < total:
        raise ModelError(_cut_short(host))


def _no_network(host: str, wanted: Wanted) -> str:
    return (
        f"The {wanted.name} must be fetched once from {host}, which cannot be reached. "
        f"Connect to the network and try again, or use {wanted.instead}."
    )


def _cut_short(host: str) -> str:
    return f"The download from {host} broke off before its end; nothing was kept. Try again."


def _wrong_file(host: str, algorithm: str, wanted: Wanted) -> str:
    return (
        f"The {wanted.name} from {host} are not the expected ones (wrong {algorithm}); nothing was "
        "kept. Try again, and if it stays so, the file on the server has changed."
    )


def _no_room(target: Path, error: OSError, wanted: Wanted) -> str:
    return f"The {wanted.name} cannot be kept in “{target.parent}”: {error.strerror}."
