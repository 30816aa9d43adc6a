"""Pushes or pulls one file as an artifact with oras: oras_client.py push|pull REFERENCE CONFIG."""

import sys

import oras.client

verb, reference, config = sys.argv[1:]
client = oras.client.OrasClient(insecure=True)
client.auth.load_configs(client.get_container(reference), configs=[config])
if verb == "push":
    client.push(target=reference, files=["file.txt"])
else:
    client.pull(target=reference, outdir=".")
