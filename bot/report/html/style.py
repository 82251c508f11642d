"""How the report looks: one sheet for light, dark and paper; the figures stand in the same place in all of them."""

STYLE = """
:root { color-scheme: light dark; --paper: #fdfdfc; --ink: #1d1d1b; --soft: #5f5e59; --rule: #e3e2dc;
  --one: #1f63b5; --two: #b4500f; --band: #1f63b5; --card: #f4f3ef; --bad: #a8231c; }
@media (prefers-color-scheme: dark) { :root { --paper: #171716; --ink: #ecebe6; --soft: #a9a8a1; --rule: #33322e;
  --one: #7fb2f0; --two: #f2a065; --band: #7fb2f0; --card: #21211f; --bad: #ff9389; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .3rem; }
p { margin: .3rem 0; max-width: 60rem; } .soft, figcaption, caption { color: var(--soft); }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1rem; list-style: none; padding: 0; margin: 1rem 0; }
a { color: var(--one); } a:focus-visible, summary:focus-visible, svg:focus-visible, .scroll:focus-visible {
  outline: 2px solid var(--one); outline-offset: 2px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.3rem, 1fr)); gap: .6rem; margin: 1rem 0;
  padding: 0; }
.tiles div { background: var(--card); border-radius: .4rem; padding: .6rem .8rem; }
.tiles dt { color: var(--soft); font-size: .85rem; } .tiles dd { margin: 0; font-size: 1.25rem; font-weight: 600; }
.tiles dd small { display: block; font-size: .78rem; font-weight: 400; color: var(--soft); }
.doubt { border-left: 4px solid var(--bad); padding: .3rem .8rem; background: var(--card); }
figure { margin: .5rem 0 0; } svg { width: 100%; height: auto; display: block; }
.rule { stroke: var(--rule); } .zero { stroke: var(--soft); }
.tick { fill: var(--soft); font-size: 13px; } .label { font-size: 13px; font-weight: 600; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.one, .dot.one { stroke: var(--one); } .line.two, .dot.two { stroke: var(--two); }
.line.two { stroke-dasharray: 7 4; } .label.one, .bar.one { fill: var(--one); }
.label.two, .bar.two { fill: var(--two); } .band { fill: var(--band); opacity: .14; }
.label.of-band { fill: var(--soft); font-weight: 400; }
.reach { fill: transparent; } .dot { fill: var(--paper); stroke-width: 2; opacity: 0; }
.point:hover .dot { opacity: 1; } .bar:hover { opacity: .75; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .4rem 0; }
caption { text-align: left; font-size: .85rem; padding: .2rem 0; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; } tbody th { font-weight: 400; }
tr.sum > * { font-weight: 600; border-top: 2px solid var(--soft); }
summary { cursor: pointer; color: var(--soft); font-size: .9rem; padding: .2rem 0; }
@media print { :root { --paper: #fff; --ink: #000; --soft: #444; --rule: #ccc; --one: #1f63b5; --two: #b4500f;
  --band: #1f63b5; --card: #f4f4f4; --bad: #a8231c; color-scheme: light; }
  nav { display: none; } body { max-width: none; padding: 0; font-size: 11pt; } section { break-inside: avoid; }
  .scroll { overflow: visible; } details::details-content { content-visibility: visible; display: block; } }
"""
