#!/usr/bin/env python3
"""核验归档包：不用本系统，不联网，只要 Python 和 cryptography 库。

    python3 verify_package.py 归档包.zip 网络指纹

网络指纹（至少前32位，有没有空格都行）印在每张登记单上。能证明的是：每个字节都和打包站点写出时一样；
该由谁签的都是谁签的；正文和材料就是报文写明的那些；同一路的报文前后相连；所依据的报文一份不缺。
每一步是不是合规，由程序的 verify-package 另行核对。通过以后写明是哪一件：别的办件的好归档包也能通过。

Checks an archive package with nothing of Liandong's: the standard library and `cryptography` alone.

    python3 verify_package.py PACKAGE.zip ROOT_FINGERPRINT

The fingerprint (at least its first 32 digits, with spaces or without) stands on every enrolment sheet. Proved
is: every byte is as the packing node wrote it; all is signed by whom it must be; bodies and papers are those
that headers name; neighbours in a stream are chained; no act that another builds on is lacking. Whether each
step was lawful is what `verify-package` of the program adds. What has passed is named: a good package of
another case passes, too.
"""

import datetime
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
    sys.exit("缺少 cryptography 库 / needs the package cryptography: python3 -m pip install cryptography")

NAME = re.compile(r"[a-z0-9]{1,20}(/[A-Za-z0-9_-]{1,80})?(\.[a-z0-9]{1,8})?")  # climbs out of no folder
PRACTICE = "00000000"  # so begins the name of a network for practice

# Acts of the county on steps past the cut of a revoked key, and what it says of those within one.
RELEASED, STRUCK, WITHIN = "sync.released", "sync.struck", "within a cut"

# The states of a case, as the packing node names the last.
# fmt: off
STATES = {
    "START": "未收件", "RECEIVED": "已收件", "SENT_BACK": "初审退补", "CHECKED": "已初审",
    "SUPPLEMENT": "待补正", "SUPPLEMENTED": "已补正", "ACCEPTED": "已受理", "SPECIAL": "特别程序中",
    "REVIEWED": "已审查", "APPROVED": "已批准", "ISSUED": "已制证", "REFUSED": "不予批准",
    "NOT_ACCEPTED": "不予受理", "RETURNED": "已退回", "LAPSED": "逾期未补正", "TERMINATED": "已终止",
    "WITHDRAWN": "已撤回", "CLOSED": "已办结", "ARCHIVED": "已归档",
}
# fmt: on

# What may be wrong, as it is said: this, then in English, then of what.
SAID = {
    "a paper that no step names": "多出的材料，没有一步写明",
    "an act belongs to another case": "属于别的办件",
    "another body": "正文不符",
    "another county than the root keys named": "县级站点与根钥匙任命的不同",
    "another frame than was receipted": "终点签收的是另一份报文",
    "by a revoked key": "签名的钥匙已作废",
    "by no parent": "担保不是上级站点签的",
    "bytes outside the parts were changed": "各部分以外的字节改动过",
    "changed or added": "改动过或多出来的",
    "damaged, cut short, or no package at all": "已损坏、不完整，或不是归档包",
    "missing": "缺少",
    "missing act, on which another builds": "缺少别的报文所依据的报文",
    "missing body": "缺少正文",
    "missing paper, or another": "缺少材料，或者内容不符",
    "no verdict of the county on this step": "不是县级对这一步的决定",
    "not by its author, or another text": "不是作者签的，或者内容不符",
    "not by the root keys": "任命不是根钥匙签的",
    "not by the roster key": "名册条目不是名册钥匙签的",
    "not chained to the one before": "和前一份报文不相连",
    "other acts than the manifest lists": "报文和清单列的不一致",
    "package of another network, by its fingerprint": "别的网络的包，指纹不同",
    "signature": "签名不对",
    "struck out by the county": "已由县级剔除",
    "two frames at one place": "同一位置有两份报文",
    "unsigned": "报文没有有效的签名",
}


def said(what, where=""):
    """Return a sentence of the table, Chinese first."""
    return f"{SAID[what]} / {what}" + (f": {where}" if where else "")


def sha(data):
    return hashlib.sha256(data).hexdigest()


def unpacked(data):
    """Return the parts. Before one is read: each has a plain name, none is packed, and all fit the file."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        rows = file.infolist()
        odd = [row for row in rows if row.compress_type or not NAME.fullmatch(row.filename)]
        if odd or sum(row.file_size for row in rows) > len(data):
            raise ValueError("包里不会有的文件名或大小 / a name or a size that no package has")
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


def why(verdict):
    """Return when and why."""
    *_, at, reason = verdict
    return f"{local(at)}，{plain(reason)}"


def local(at):
    """Return the minute, in Chinese time, of UTC milliseconds; of a clock far ahead the last there is."""
    since = datetime.timedelta(milliseconds=min(at, 253_402_243_199_999))
    return f"{datetime.datetime(1970, 1, 1, 8) + since:%Y-%m-%d %H:%M}"


def plain(text):
    """Return a text without what would move the cursor."""
    return "".join(one for one in str(text) if one.isprintable())


def about(data):
    """Return which case a package is of that was found good, and how far it had come.

    When it was packed no package says: of one state there is one file. What a site calls itself, by which
    clock it signed its last step, and how far it says the case had come, is that site's word.
    """
    parts = unpacked(data)
    manifest = json.loads(parts["manifest.json"])
    acts = [parts[name] for name in sorted(parts) if re.fullmatch(r"frames/.*\.json", name)]
    headers = [json.loads(one) for one in acts]
    bodies = [json.loads(parts.get(f"bodies/{one['body'][0]}.bin", b"")[16:] or b"{}") for one in headers]
    filed = next((body for body in bodies if "item" in body), {})
    named = filed.get("data", {}).get("item_name", "")
    item = plain(f"{named}（{filed['item']}）" if filed else "（收件的正文已按规定删去 / body gone by rule）")
    entries = [json.loads(parts[name]) for name in parts if re.fullmatch(r"trust/entry-.*\.json", name)]
    sites = {one["address"]: one["name"] for one in sorted(entries, key=lambda one: one["version"])}
    node, state = manifest["node"], manifest["state"]
    last = local(max(one["wall"] for one in headers))
    return [
        f"办件 / case: {plain(manifest['case'])}",
        f"事项 / item: {item}",
        f"办到 / state: {STATES.get(state, '')} {plain(state)}（打包站点写的 / as the packer says）"
        f"，最后一步签于 / last signed {last}",
        f"打包站点 / packed by: {plain(sites.get(node, ''))} {plain(node)}",
        "请核对是不是要证明的那一件 / see that this is the case in question",
    ]


class Check:
    def __init__(self, parts, root):
        self.parts, self.root, self.problems, self.purged = parts, root.lower(), [], 0
        self.keys, self.revoked, self.epochs, self.frames, self.acts, self.ends = {}, {}, {}, {}, {}, {}
        self.county, self.verdicts, self.notes, self.blobs = "", {}, {}, set()

    def need(self, is_so, what, where=""):
        self.problems += [] if is_so else [said(what, where)]
        return is_so

    def run(self):
        self.manifest = json.loads(self.parts["manifest.json"])
        is_ours = len(self.root) >= 32 and self.manifest["root"].startswith(self.root)
        if not self.need(is_ours, "package of another network, by its fingerprint"):
            return
        listed, there = self.manifest["parts"], set(self.parts) - {"manifest.json", "manifest.sig"}
        self.problems += [said("missing", name) for name in sorted(set(listed) - there)]
        for name in sorted(there):
            self.need(listed.get(name) == sha(self.parts[name]), "changed or added", name)
        self.trust(self.manifest["root"])
        self.need(self.manifest["apex"] == self.county, "another county than the root keys named")
        whose = (self.manifest["node"], self.manifest["key"])
        self.need(self.by("manifest", "package", self.keys.get(whose)), "signature", "manifest")
        for stem, gone in filter(None, [self.revoked.get(whose)]):
            cut = " ".join(f"{stream}={place}" for stream, place in gone["cut"].items())
            self.need(False, "by a revoked key", f"manifest ← {stem} {cut} ids={len(gone['ids'])}")
        for stem in self.stems("verdicts/"):
            self.verdict(stem)
        for stem in self.stems("frames/"):
            self.frame(stem)
        self.papers()
        self.chains()
        self.struck()

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
        is_root = self.need(sha(data) == fingerprint, "missing", "trust/root")
        root = json.loads(data) if is_root else {"keys": [], "threshold": 1}
        roster_key, judges = None, root
        for stem, fields in sorted(self.statements("appointment"), key=lambda one: one[1]["version"]):
            # New root keys sign with the former ones, and judge whatever comes after.
            is_good = all(self.enough(stem, keys) for keys in (judges, fields.get("roots", judges)))
            if self.need(is_good and fields["root"] == fingerprint, "not by the root keys", stem):
                roster_key, judges = fields["key"], fields.get("roots", judges)
                self.county = fields.get("top", "")
        live = self.entries(root.get("network"), roster_key)
        self.went_over()
        confirmed = {self.county, *(address for address, _ in self.keys)}
        for stem, fields in self.statements("vouch"):
            child, parent = fields["child"], fields["parent"]
            # The nearest above that stands; what it vouched for ends with its key.
            above = max(filter(child.startswith, live), key=len, default="")
            is_new = parent == above and child not in confirmed
            is_signed = self.by(stem, "vouch", *self.keys_of(parent, self.revoked))
            if self.need(is_new and is_signed, "by no parent", stem):
                self.keys[child, fields["key"]["id"]] = fields["key"]
        self.beside()

    def entries(self, network, roster_key):
        """Take in who is who; return the addresses that stand above others."""
        statuses = {}
        for stem, fields in sorted(self.statements("entry"), key=lambda one: one[1]["version"]):
            is_ours = fields["network"] == self.manifest["network"] == network
            if self.need(is_ours and self.by(stem, "entry", roster_key), "not by the roster key", stem):
                self.keys |= {(fields["address"], key["id"]): key for key in fields["keys"]}
                self.revoked |= {(fields["address"], one["key"]): (stem, one) for one in fields["revoked"]}
                statuses[fields["address"]] = fields["status"]
        return [address for address, status in statuses.items() if status == "live"]

    def went_over(self):
        """Take in keys that nodes went over to: the former one, not revoked, says so, and the new one."""
        for stem, fields in sorted(self.statements("epoch"), key=lambda one: one[1]["n"]):
            src, new, by = fields["src"], fields.get("public"), fields.get("by")
            former = None if (src, by) in self.revoked else self.keys.get((src, by))
            pair = (new, former) if new and former and new["id"] == fields["key"] else ()
            if pair and all(self.by(stem, "epoch", key) for key in pair):
                self.keys.setdefault((src, new["id"]), new)

    def beside(self):
        """Take in what is signed beside the frames."""
        for stem, fields in self.statements("epoch"):
            key = self.keys.get((fields["src"], fields["key"]))
            if self.need(self.by(stem, "epoch", key), "signature", stem):
                name = f"{fields['n']}-{fields['random']}"
                self.epochs[fields["src"], name] = (key, sha(self.parts[f"{stem}.json"]))
        for stem, fields in self.statements("receipt"):
            signer = fields["signer"]
            is_signed = self.by(stem, "receipt", *self.keys_of(signer))
            # No cut covers a receipt: one by a key revoked since says nothing.
            counts = self.by(stem, "receipt", *self.keys_of(signer, self.revoked))
            if self.need(is_signed and signer == fields["stream"][2], "signature", stem) and counts:
                self.ends[tuple(fields["stream"])] = (fields["upto"], fields["head"])
        for stem, fields in self.statements("shelf"):
            is_text = sha(self.parts.get(f"documents/{fields['content']}.json", b"")) == fields["content"]
            is_signed = self.by(stem, "shelf", *self.keys_of(fields["author"]))
            self.need(is_signed and is_text, "not by its author, or another text", stem)

    def keys_of(self, address, gone=()):
        """Return the keys of an address but those that are gone."""
        return [key for one, key in self.keys.items() if one[0] == address and one not in gone]

    def placed(self, stem):
        """Return header and act of a frame whose key must speak for it; its place is kept for the chain."""
        data, header = self.parts[f"{stem}.json"], json.loads(self.parts[f"{stem}.json"])
        src, stream = header["src"], tuple(header[one] for one in ("src", "epoch", "dst"))
        key, _ = self.epochs.get(stream[:2], (None, ""))
        self.need(key and signed(key, "frame", data, self.parts.get(f"{stem}.sig", b"")), "unsigned", stem)
        blobs = ",".join(f'["{name}",{size},"{kind}"]' for name, size, kind in header["blobs"])
        text = f'"{src}","{header["kind"]}","{header["enc"]}","{header["body"][0]}"'
        act = sha(f"liandong.act.v1[{text},[{blobs}]]".encode())[:32]
        cut = self.revoked.get((src, key["id"]), (0, None))[1] if key else None
        is_within = cut is None or act in cut["ids"] or header["seq"] <= cut["cut"].get("|".join(stream), 0)
        verdict = self.verdicts.get(act)
        if verdict and verdict[2] and any(src == one for one, _ in self.revoked):
            self.need(False, "struck out by the county", f"{stem} {why(verdict)}")
        elif self.need(is_within or (verdict and not verdict[2]), "by a revoked key", stem) and not is_within:
            told = "县级放行了已作废钥匙签的一步 / by a revoked key, released by the county"
            self.notes[act] = f"{told}: {stem} {why(verdict)}"
        place = self.frames.setdefault((stream, header["seq"]), (sha(data), header["prev"]))
        self.need(place[0] == sha(data), "two frames at one place", stem)
        return header, act

    def verdict(self, stem):
        """Take in what the county decided. The later decision on an act counts; of one number, the strike.

        Of those of older programs, which have no number, the one whose part has the act's name counts.
        """
        problems = len(self.problems)
        header, _ = self.placed(stem)
        name, length = header["body"]
        body, is_struck = self.parts.get(f"bodies/{name}.bin", b""), header["kind"] == STRUCK
        self.need(sha(body) == name and len(body) == length, "another body", stem)
        is_ours = header["src"] == (self.county or None) and not header["enc"]
        fields = json.loads(body[16:] or b"{}")
        is_on = header["kind"] in (RELEASED, STRUCK) and stem.partition("/")[2] in fields["ids"]
        self.need(is_ours and is_on, "no verdict of the county on this step", stem)
        turn, reason = fields.get("turn"), fields["reason"]
        if type(turn) is not int or not 0 <= turn <= 2**32:
            turn = 0 if reason == WITHIN else -1
        for act in fields["ids"] if len(self.problems) == problems else []:
            is_last = turn == -1 and act == stem.partition("/")[2]
            known = self.verdicts.get(act, (-2,))
            self.verdicts[act] = max(known, (turn, is_last, is_struck, header["wall"], reason))

    def struck(self):
        for act in [stem.partition("/")[2] for stem in self.stems("verdicts/")]:
            if act not in self.acts and self.verdicts.get(act, (0, False, False))[2]:
                told = "本办件有一步已由县级剔除，不在包里 / a step struck out by the county, not in here"
                self.notes[act] = f"{told}: {act} {why(self.verdicts[act])}"

    def frame(self, stem):
        header, act = self.placed(stem)
        self.acts.setdefault(act, None)
        self.blobs |= {paper for paper, _, _ in header["blobs"]}
        name, length = header["body"]
        body = self.parts.get(f"bodies/{name}.bin")
        if body is None:
            self.purged += name in self.manifest["purged"]
            return self.need(name in self.manifest["purged"], "missing body", stem)
        self.need(sha(body) == name and len(body) == length, "another body", stem)
        self.acts[act] = json.loads(body[16:])
        for paper, size, _ in header["blobs"]:
            held = [data for part, data in self.parts.items() if part.startswith(f"papers/{paper}.")]
            is_it = held and sha(held[0]) == paper and len(held[0]) == size
            self.need(is_it, "missing paper, or another", paper)

    def papers(self):
        for part in sorted(part for part in self.parts if part.startswith("papers/")):
            name = part[7:].partition(".")[0]
            self.need(sha(self.parts[part]) == name, "missing paper, or another", part)
            self.need(name in self.blobs, "a paper that no step names", part)

    def chains(self):
        for (stream, seq), (name, prev) in sorted(self.frames.items()):
            place = f"{'|'.join(stream)} {seq}"
            first = self.epochs.get(stream[:2], (None, None))[1]
            before = first if seq == 1 else self.frames.get((stream, seq - 1), (None,))[0]
            self.need(before in (None, prev), "not chained to the one before", place)
            upto, head = self.ends.get(stream, (0, ""))
            self.need(upto != seq or head == name, "another frame than was receipted", place)
        self.need(set(self.acts) == set(self.manifest["acts"]), "other acts than the manifest lists")
        for act, body in [pair for pair in self.acts.items() if pair[1] is not None]:
            self.need(body["case"] == self.manifest["case"], "an act belongs to another case", act)
            for one in [*filter(None, [body.get("follows")]), *body.get("answers", [])]:
                self.need(one in self.acts, "missing act, on which another builds", f"{one} ← {act}")


def examined(data, root):
    """Return the problems found, none when the package proves what it says, bodies that are gone, notes."""
    try:
        found = Check(unpacked(data), root)
        if found.need(rewritten(found.parts) == data, "bytes outside the parts were changed"):
            found.run()
        if not found.problems:
            about(data)  # what cannot be named proves nothing either
    except Exception as problem:  # whatever cannot be read proves nothing
        reason = f"{type(problem).__name__}: {problem}"
        return [said("damaged, cut short, or no package at all", reason)], 0, []
    return found.problems, found.purged, sorted(found.notes.values())


def check(data, root):
    """Return the same without the notes."""
    return examined(data, root)[:2]


if __name__ == "__main__":
    # Where the screen has no Chinese the English beside it is read.
    sys.stdout.reconfigure(errors="replace")
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if len(sys.argv) < 3:
        sys.exit("缺少网络指纹，照登记单抄 / the fingerprint is missing: copy it from an enrolment sheet")
    root = "".join("".join(sys.argv[2:]).split())
    if not re.fullmatch(r"[0-9A-Fa-f]{32,64}", root):
        sys.exit(f"不是指纹（32到64位，只有数字和a到f）/ no fingerprint: {root[:80]}")
    try:
        package = pathlib.Path(sys.argv[1]).read_bytes()
    except OSError as missing:
        sys.exit(f"读不到文件 / cannot be read: {sys.argv[1]} ({missing.strerror})")
    wrong, purged, notes = examined(package, root)
    good = f"核验通过：签名、摘要、前后次序都对；按规定删去的正文 {purged} 份"
    also = f"good: signatures, hashes, chains fit; bodies gone: {purged}"
    print("\n".join([*(wrong or [good, also, *about(package)]), *notes]))
    if not wrong and json.loads(unpacked(package)["manifest.json"])["network"].startswith(PRACTICE):
        print("演练站点的归档包，人和件都是编的，没有效力 / of a practice network, invented and of no effect")
    sys.exit("核验不通过 / not proved" if wrong else 0)
