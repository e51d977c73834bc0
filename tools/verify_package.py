#!/usr/bin/env python3
"""Checks an archive package with nothing of Liandong's: the standard library and `cryptography` alone.

    python verify_package.py PACKAGE.zip ROOT_FINGERPRINT

The fingerprint (at least its first 32 digits, with spaces or without) stands on every enrolment sheet. Proved
is: every byte is as the packing node wrote it; all is signed by whom it must be; bodies and papers are those
that headers name; neighbours in a stream are chained; no act that another builds on is lacking. Whether each
step was lawful is what `verify-package` of the program adds.
"""

import hashlib
import io
import json
import pathlib
import re
import struct
import sys
import zipfile
import zlib

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit("needs the package cryptography / 缺少 cryptography 库: python -m pip install cryptography")

NAME = re.compile(r"[a-z0-9]{1,20}(/[A-Za-z0-9_-]{1,80})?(\.[a-z0-9]{1,8})?")  # climbs out of no folder


def sha(data):
    return hashlib.sha256(data).hexdigest()


def unpacked(data):
    """Return the parts. Before one is read: each has a plain name, none is packed, and all fit the file."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        rows = file.infolist()
        odd = [row for row in rows if row.compress_type or not NAME.fullmatch(row.filename)]
        if odd or sum(row.file_size for row in rows) > len(data):
            raise ValueError("a name or a size that no package has")
        return {row.filename: file.read(row) for row in rows}


def signed(key, kind, payload, signature):
    """Say whether a key, in its signed form, signed these bytes: Ed25519 over the DSSE encoding of a kind."""
    name = f"application/vnd.liandong.{kind}.v1"
    message = b"DSSEv1 %d %s %d %s" % (len(name), name.encode(), len(payload), payload)
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["sign"])).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return sha(b"liandong.key.v1\0" + bytes.fromhex(key["sign"] + key["seal"]))[:32] == key["id"]


def rewritten(parts):
    """Return the one form of a file that holds these parts: sorted, stored, without dates (ZIP, 2.0)."""
    out, rows = bytearray(), b""
    for name, data in sorted(parts.items()):
        sums = (zlib.crc32(data), len(data), len(data), len(name))
        row = (b"PK\1\2", 3 << 8 | 20, 20, 0, 0, 0, 33, *sums, 0, 0, 0, 0, 0o100600 << 16, len(out))
        rows += struct.pack("<4s6H3I5H2I", *row) + name.encode()
        out += struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 33, *sums, 0) + name.encode() + data
    numbers = (0, 0, len(parts), len(parts), len(rows), len(out), 0)
    return bytes(out) + rows + struct.pack("<4s4H2IH", b"PK\5\6", *numbers)


class Check:
    def __init__(self, parts, root):
        self.parts, self.root, self.problems, self.purged = parts, root.lower(), [], 0
        self.keys, self.revoked, self.epochs, self.frames, self.acts, self.ends = {}, {}, {}, {}, {}, {}

    def need(self, is_so, sentence):
        self.problems += [] if is_so else [sentence]
        return is_so

    def run(self):
        self.manifest = json.loads(self.parts["manifest.json"])
        is_ours = len(self.root) >= 32 and self.manifest["root"].startswith(self.root)
        if not self.need(is_ours, "package of another network / 别的网络的包: its fingerprint is another"):
            return
        listed, there = self.manifest["parts"], set(self.parts) - {"manifest.json", "manifest.sig"}
        self.problems += [f"missing: {name}" for name in sorted(set(listed) - there)]
        for name in sorted(there):
            self.need(listed.get(name) == sha(self.parts[name]), f"changed or added: {name}")
        self.trust(self.manifest["root"])
        whose = (self.manifest["node"], self.manifest["key"])
        self.need(self.by("manifest", "package", self.keys.get(whose)), "manifest: signature")
        self.need(whose not in self.revoked, f"manifest: by a revoked key, {self.revoked.get(whose)}")
        for stem in self.stems("frames/"):
            self.frame(stem)
        self.chains()

    def stems(self, start):
        return sorted(name[:-5] for name in self.parts if name.startswith(start) and name.endswith(".json"))

    def by(self, stem, kind, *keys):
        """Whether one of these keys signed a statement."""
        pairs = [(n, bytes.fromhex(s)) for n, s in json.loads(self.parts[f"{stem}.sig"]) if s == s.lower()]
        data, named = self.parts[f"{stem}.json"], {key["id"]: key for key in keys if key}
        return any(signed(named[n], kind, data, s) for n, s in pairs if n in named)

    def enough(self, stem, keys):
        count = len({key["sign"] for key in keys["keys"] if self.by(stem, "appointment", key)})
        return count >= max(1, keys["threshold"])

    def statements(self, kind):
        for stem in self.stems(f"trust/{kind}-"):
            yield stem, json.loads(self.parts[f"{stem}.json"])

    def trust(self, fingerprint):
        data = self.parts.get(f"trust/root-{fingerprint[:32]}.json", b"")
        is_root = self.need(sha(data) == fingerprint, "missing: the root statement")
        root = json.loads(data) if is_root else {"keys": [], "threshold": 1}
        roster_key, judges = None, root
        for stem, fields in sorted(self.statements("appointment"), key=lambda one: one[1]["version"]):
            # New root keys sign with the former ones, and judge whatever comes after.
            is_good = all(self.enough(stem, keys) for keys in (judges, fields.get("roots", judges)))
            if self.need(is_good and fields["root"] == fingerprint, f"{stem}: not by the root keys"):
                roster_key, judges = fields["key"], fields.get("roots", judges)
        for stem, fields in self.statements("entry"):
            is_ours = fields["network"] == self.manifest["network"] == root.get("network")
            if self.need(is_ours and self.by(stem, "entry", roster_key), f"{stem}: not by the roster key"):
                self.keys |= {(fields["address"], key["id"]): key for key in fields["keys"]}
                self.revoked |= {(fields["address"], one["key"]): (stem, one) for one in fields["revoked"]}
        confirmed = {address for address, _ in self.keys}
        for stem, fields in self.statements("vouch"):
            child, parent = fields["child"], fields["parent"]
            is_new = child.startswith(parent) and child not in confirmed
            if self.need(is_new and self.by(stem, "vouch", *self.keys_of(parent)), f"{stem}: by no parent"):
                self.keys[child, fields["key"]["id"]] = fields["key"]
        for stem, fields in self.statements("epoch"):
            key = self.keys.get((fields["src"], fields["key"]))
            if self.need(self.by(stem, "epoch", key), f"{stem}: signature"):
                name = f"{fields['n']}-{fields['random']}"
                self.epochs[fields["src"], name] = (key, sha(self.parts[f"{stem}.json"]))
        for stem, fields in self.statements("receipt"):
            is_signed = self.by(stem, "receipt", *self.keys_of(fields["signer"]))
            if self.need(is_signed and fields["signer"] == fields["stream"][2], f"{stem}: signature"):
                self.ends[tuple(fields["stream"])] = (fields["upto"], fields["head"])
        for stem, fields in self.statements("shelf"):
            is_text = sha(self.parts.get(f"documents/{fields['content']}.json", b"")) == fields["content"]
            is_signed = self.by(stem, "shelf", *self.keys_of(fields["author"]))
            self.need(is_signed and is_text, f"{stem}: not by its author, or another text")

    def keys_of(self, address):
        return [key for (whose, _), key in self.keys.items() if whose == address]

    def frame(self, stem):
        data, header = self.parts[f"{stem}.json"], json.loads(self.parts[f"{stem}.json"])
        src, stream = header["src"], tuple(header[one] for one in ("src", "epoch", "dst"))
        key, _ = self.epochs.get(stream[:2], (None, ""))
        self.need(key and signed(key, "frame", data, self.parts.get(f"{stem}.sig", b"")), f"{stem}: unsigned")
        blobs = ",".join(f'["{name}",{size},"{kind}"]' for name, size, kind in header["blobs"])
        said = f'"{src}","{header["kind"]}","{header["enc"]}","{header["body"][0]}"'
        act = sha(f"liandong.act.v1[{said},[{blobs}]]".encode())[:32]
        cut = self.revoked.get((src, key["id"]), (0, None))[1] if key else None
        is_within = cut is None or act in cut["ids"] or header["seq"] <= cut["cut"].get("|".join(stream), 0)
        self.need(is_within, f"{stem}: by a revoked key")
        place = self.frames.setdefault((stream, header["seq"]), (sha(data), header["prev"]))
        self.need(place[0] == sha(data), f"{stem}: two frames at one place")
        self.acts.setdefault(act, None)
        name, length = header["body"]
        body = self.parts.get(f"bodies/{name}.bin")
        if body is None:
            self.purged += name in self.manifest["purged"]
            return self.need(name in self.manifest["purged"], f"missing: the body of {stem}")
        self.need(sha(body) == name and len(body) == length, f"{stem}: another body")
        self.acts[act] = json.loads(body[16:])
        for paper, size, _ in header["blobs"]:
            held = [data for part, data in self.parts.items() if part.startswith(f"papers/{paper}.")]
            is_it = held and sha(held[0]) == paper and len(held[0]) == size
            self.need(is_it, f"missing, or another: paper {paper}")

    def chains(self):
        for (stream, seq), (name, prev) in sorted(self.frames.items()):
            first = self.epochs.get(stream[:2], (None, None))[1]
            before = first if seq == 1 else self.frames.get((stream, seq - 1), (None,))[0]
            self.need(before in (None, prev), f"{stream} {seq}: not chained to the one before")
            upto, head = self.ends.get(stream, (0, ""))
            self.need(upto != seq or head == name, f"{stream} {seq}: another frame than was receipted")
        self.need(set(self.acts) == set(self.manifest["acts"]), "other acts than the manifest lists")
        for act, body in [pair for pair in self.acts.items() if pair[1] is not None]:
            self.need(body["case"] == self.manifest["case"], f"{act}: of another case")
            for one in [*filter(None, [body.get("follows")]), *body.get("answers", [])]:
                self.need(one in self.acts, f"missing: act {one}, on which {act} builds")


def check(data, root):
    """Return the problems found, none when the package proves what it says, and how many bodies are gone."""
    try:
        found = Check(unpacked(data), root)
        if found.need(rewritten(found.parts) == data, "bytes outside the parts were changed"):
            found.run()
    except Exception as problem:  # whatever cannot be read proves nothing
        why = f"{type(problem).__name__}: {problem}"
        return [f"cannot be read / 已损坏或不是归档包: damaged, cut short, or no package at all ({why})"], 0
    return found.problems, found.purged


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    root = "".join("".join(sys.argv[2:]).split())
    if not re.fullmatch(r"[0-9A-Fa-f]{32,64}", root):
        sys.exit(f"no fingerprint / 不是指纹（32到64位，只有数字和a到f）: {root[:80]}")
    try:
        package = pathlib.Path(sys.argv[1]).read_bytes()
    except OSError as missing:
        sys.exit(f"cannot be read / 读不到文件: {sys.argv[1]} ({missing.strerror})")
    wrong, purged = check(package, root)
    print("\n".join(wrong) or f"good / 核验通过: signatures, hashes, chains fit; bodies gone: {purged}")
    sys.exit("not proved / 核验不通过" if wrong else 0)
