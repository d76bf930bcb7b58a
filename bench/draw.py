# SPDX-License-Identifier: Apache-2.0
"""Small pictures of curves, as SVG: lines over a logarithmic axis, and dots
that compare many on one row each."""

import math
from xml.sax.saxutils import escape

COLOURS = ["#0b5fa5", "#d1495b", "#3a7d44", "#8d5a97", "#c77d0a", "#4d4d4d"]
STYLE = ("text{font:12px sans-serif;fill:#222}.t{font-size:14px;"
         "font-weight:bold}.g{stroke:#ddd}.a{stroke:#888}")


def short(n):
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if n >= size:
            return f"{n / size:.3g}{unit}"
    return f"{n:.3g}"


def text(x, y, what, anchor="start", kind=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
            f'{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}>'
            f"{escape(what)}</text>")


def line(x1, y1, x2, y2, kind):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'class="{kind}"/>')


def dot(x, y, colour):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'


def whole(width, height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
            f'height="{height}" viewBox="0 0 {width} {height}">'
            f"<style>{STYLE}</style>"
            f'<rect width="{width}" height="{height}" fill="#fff"/>'
            + "".join(parts) + "</svg>\n")


def legend(names, y):
    parts, x = [], 70
    for n, name in enumerate(names):
        parts += [dot(x, y - 4, COLOURS[n % len(COLOURS)]),
                  text(x + 9, y, name)]
        x += 30 + 7 * len(name)
    return parts


def curves(title, x_name, y_name, series):
    """`series` maps a name to points (x, least, middle, most): the middle is
    drawn as a line, the spread as a bar through it."""
    points = [p for of in series.values() for p in of]
    low, high = (math.log10(f(p[0] for p in points)) for f in (min, max))
    top = 1.1 * max(p[3] for p in points)

    def at(x, y):
        along = 0.5 if high == low else (math.log10(x) - low) / (high - low)
        return 70 + 440 * along, 270 - 220 * y / top

    parts = [text(70, 24, title, kind="t"), text(70, 42, y_name),
             text(510, 306, x_name, "end")]
    for n in range(5):
        y = 270 - 55 * n
        parts += [line(70, y, 510, y, "g" if n else "a"),
                  text(64, y + 4, short(top * n / 4), "end")]
    for x in sorted({p[0] for p in points}):
        parts.append(text(at(x, 0)[0], 288, short(x), "middle"))
    for n, of in enumerate(series.values()):
        colour = COLOURS[n % len(COLOURS)]
        path = " ".join("%.1f,%.1f" % at(p[0], p[2]) for p in of)
        parts.append(f'<polyline points="{path}" fill="none" '
                     f'stroke="{colour}" stroke-width="2"/>')
        for x, least, middle, most in of:
            (px, y1), (_, y2) = at(x, least), at(x, most)
            parts += [line(px, y1, px, y2, "a"),
                      dot(*at(x, middle), colour)]
    return whole(540, 350, parts + legend(series, 334))


def dots(title, x_name, rows, names):
    """`rows` maps a name to {name: value}; the axis is logarithmic."""
    values = [v for row in rows.values() for v in row.values() if v > 0]
    low, high = (math.floor(math.log10(min(values))),
                 math.ceil(math.log10(max(values))))
    high += high == low
    bottom = 50 + 34 * len(rows)

    def at(value):
        return 190 + 500 * (math.log10(value) - low) / (high - low)

    parts = [text(20, 24, title, kind="t"),
             text(690, bottom + 40, x_name, "end")]
    for power in range(low, high + 1):
        x = at(10 ** power)
        parts += [line(x, 44, x, bottom, "g"),
                  text(x, bottom + 18, short(10 ** power), "middle")]
    for n, (row, found) in enumerate(rows.items()):
        y = 66 + 34 * n
        parts += [text(180, y + 4, row, "end"), line(190, y, 690, y, "g")]
        parts += [dot(at(found[name]), y, COLOURS[m % len(COLOURS)])
                  for m, name in enumerate(names) if found.get(name, 0) > 0]
    return whole(720, bottom + 80, parts + legend(names, bottom + 66))
