"""View models as figures; one module a kind of chart.

Colours stand as `var(--name)` or `var(--name, opacity)`, tokens of assets/tokens.css: the browser puts in the colours
of its theme, so that one figure suits both. Everything drawn is bars, lines and pies, all that the basic bundle knows.
"""
