"""An embedded kube-apiserver for the demo: real HTTP on loopback, objects in memory.

It may import only the standard library, aiohttp, jsonpatch and yaml: the demo stands alone and the rest of
kurator-tui reaches it only through HTTP.  Its answers are pinned to what kube-apiserver 1.36 answered.
"""
