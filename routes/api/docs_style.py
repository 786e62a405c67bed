"""The documentation page's frame: one file, no script, no request of its own."""

from string import Template

PAGE = Template("""<!doctype html>
<html lang="$lang">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title · Gridwell</title>
<link rel="icon" href="data:,">
<style nonce="$nonce">
:root { --page: #F4F6FA; --surface: #FFFFFF; --text: #14202E; --muted: #526173; --accent: #0B6BD3; --line: #E4E8EF; --soft: #F1F4F8; }
@media (prefers-color-scheme: dark) { :root { --page: #0A1220; --surface: #16243A; --text: #E8EFF9; --muted: #93A5C1; --accent: #4AA8FF;
  --line: #22334D; --soft: #101B2D; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 32px 16px 96px; background: var(--page); color: var(--text);
  font: 14px/1.6 system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { max-width: 880px; margin: 0 auto; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 8px; }
h1 { margin: 0; font-size: 28px; line-height: 36px; } h2 { margin: 40px 0 8px; font-size: 20px; }
h3 { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 0 0 8px; font-size: 16px; overflow-wrap: anywhere; }
h4 { margin: 16px 0 4px; font-size: 14px; }
section { margin: 16px 0; padding: 16px; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; overflow-x: auto; }
.method { padding: 0 8px; border-radius: 8px; background: var(--soft); font-size: 12px; color: var(--muted); }
.try { margin-left: auto; padding: 4px 12px; border: 1px solid var(--accent); border-radius: 8px; font-size: 14px; font-weight: 400; }
a { color: var(--accent); text-decoration: none; } a:hover, a:focus-visible { text-decoration: underline; }
table { width: 100%; border-collapse: collapse; }
td { padding: 4px 12px 4px 0; border-top: 1px solid var(--line); vertical-align: top; }
td:first-child { width: 200px; overflow-wrap: anywhere; } td:nth-child(2) { width: 200px; color: var(--muted); overflow-wrap: anywhere; }
pre { margin: 8px 0; padding: 12px; border-radius: 8px; background: var(--soft); white-space: pre-wrap; overflow-wrap: anywhere; }
code, pre { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans CJK SC", monospace; }
@media (max-width: 640px) { tr { display: block; padding: 4px 0; border-top: 1px solid var(--line); }
  td, td:nth-child(1), td:nth-child(2) { display: inline; width: auto; padding: 0 8px 0 0; border: 0; }
  td:nth-child(3) { display: block; } }
ul { margin: 8px 0; padding-left: 20px; } i { color: var(--muted); font-style: normal; }
</style>
<main>
<header><h1>$title</h1><nav>$switches</nav></header>
$intro
<ul>$contents</ul>
$operations
<h2>$shapes_title</h2>
$shapes
</main>
</html>
""")
