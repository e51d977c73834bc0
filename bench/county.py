"""A small county of real processes in a scratch folder: made, enrolled and stopped by the measurements."""

from __future__ import annotations

import json
from pathlib import Path

from common.node.demo.county import ROOT, NodeProcess, free_ports

__all__ = ("COUNTY", "ROOT", "TOWN", "VILLAGE", "NodeProcess", "enrol", "make")

COUNTY, TOWN, VILLAGE = "511921", "511921108", "511921108203"


def make(
    folder: Path, village_parent_port: int = 0, town_parent_port: int = 0
) -> tuple[NodeProcess, NodeProcess, NodeProcess]:
    """Return village, township and county, enrolled by file, nothing serving.

    Args:
        village_parent_port: where the village looks for its township (a relay, say); 0 = directly.
        town_parent_port: where the township looks for the county.
    """
    ports = free_ports(3)
    county = NodeProcess(COUNTY, folder / "county", ports[0])
    town = NodeProcess(TOWN, folder / "town", ports[1])
    village = NodeProcess(VILLAGE, folder / "village", ports[2])
    county.run("init", "--address", COUNTY, "--bind", f"127.0.0.1:{county.port}")
    above = f"http://127.0.0.1:{town_parent_port or county.port}"
    town.run("init", "--address", TOWN, "--bind", f"127.0.0.1:{town.port}", "--parent-url", above)
    parent = f"http://127.0.0.1:{village_parent_port or town.port}"
    village.run("init", "--address", VILLAGE, "--bind", f"127.0.0.1:{village.port}", "--parent-url", parent)
    for child in (town, village):
        enrol(county, child, folder)
    for child in (town, village):
        said = county.run("bundle", "export", "--to", child.address, "--folder", str(folder), "--json")
        child.run("bundle", "import", "--file", json.loads(said)["file"])
    return village, town, county


def enrol(parent: NodeProcess, child: NodeProcess, folder: Path) -> None:
    """Enrol a node with the code and two files, as with a stick."""
    code = parent.run("enrol", "issue", "--address", child.address).split()[0]
    request, answer = folder / "request", folder / "answer"
    child.run("enrol", "request", "--code", code, "--out", str(request))
    parent.run("enrol", "answer", "--in", str(request), "--out", str(answer))
    child.run("enrol", "finish", "--code", code, "--in", str(answer))
