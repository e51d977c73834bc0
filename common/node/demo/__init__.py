"""The demonstration: a county of real sites on this machine plays a day of cases and proves nothing was lost.

Everything here acts from outside, as people and power cuts do: it starts and kills processes, fills in pages
in a browser of its own, carries files on a stick, reads the nodes' records afterwards. No node imports it.
"""
