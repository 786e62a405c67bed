"""The sign-in page: one file without any request of its own, since nothing else is open before signing in."""

from html import escape
from string import Template
from urllib.parse import quote

from data.i18n import t

MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#0B6BD3" stroke-width="2.4" stroke-linecap="round">'
    '<path d="M9 3v18M15 3v18M3 9h18M3 15h18"/></svg>'
)

_PAGE = Template("""<!doctype html>
<html lang="$lang">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title · Gridwell</title>
<link rel="icon" href="data:image/svg+xml,$icon">
<style>
:root { --page: #F4F6FA; --surface: #FFFFFF; --text: #14202E; --muted: #526173; --accent: #0B6BD3; --on-accent: #FFFFFF;
  --line: #D5DBE4; --grid: #E6EAF1; --overdue: #C5203A; --shadow: 0 12px 40px rgb(20 32 46 / 12%); }
@media (prefers-color-scheme: dark) { :root { --page: #0A1220; --surface: #101B2D; --text: #E8EFF9; --muted: #93A5C1; --accent: #4AA8FF;
  --on-accent: #0A1220; --line: #2A3B57; --grid: #121E31; --overdue: #FF5C72; --shadow: 0 12px 40px rgb(0 0 0 / 40%); } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 16px; color: var(--text); background:
  linear-gradient(var(--grid) 1px, transparent 1px) 0 0 / 48px 48px,
  linear-gradient(90deg, var(--grid) 1px, var(--page) 1px) 0 0 / 48px 48px;
  font: 16px/1.5 system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { width: 100%; max-width: 400px; padding: 32px; background: var(--surface); border-radius: 8px; box-shadow: var(--shadow); }
header { display: flex; align-items: center; gap: 12px; }
header svg { width: 32px; height: 32px; stroke: var(--accent); }
h1 { margin: 0; font-size: 20px; font-weight: 600; }
p { margin: 16px 0; color: var(--muted); font-size: 14px; }
.wrong { color: var(--overdue); }
label { display: block; margin-bottom: 4px; font-size: 14px; }
input, button { width: 100%; height: 44px; padding: 0 12px; border-radius: 8px; font: inherit; }
input { color: inherit; background: var(--page); border: 1px solid var(--line); }
button { margin-top: 16px; color: var(--on-accent); background: var(--accent); border: 0; font-weight: 600; cursor: pointer; }
:is(input, button):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
</style>
<main>
<header>$mark<h1>$heading</h1></header>
<p>$how</p>
$wrong
<form method="post" action="$action">
<input type="hidden" name="next" value="$target">
<label for="token">$label</label>
<input id="token" name="token" type="password" autocomplete="current-password" autocapitalize="off" spellcheck="false" required autofocus>
<button>$button</button>
</form>
</main>
</html>
""")


def signin_page(lang: str, action: str, target: str, wrong: bool) -> str:
    """The page's HTML.

    Args:
        lang: language of its words.
        action: where its form goes.
        target: address on this server to open after signing in.
        wrong: whether a wrong token was just given.
    """
    alert = f'<p class="wrong" role="alert">{escape(t(lang, "That token does not fit. Check that it is whole."))}</p>' if wrong else ""
    return _PAGE.substitute(
        lang="zh-CN" if lang == "zh" else escape(lang),
        title=escape(t(lang, "Sign in")),
        icon=quote(MARK),
        mark=MARK,
        heading=escape(t(lang, "Gridwell")),
        how=escape(t(lang, "Open the address that “./gridwell up” printed, or enter its token here.")),
        wrong=alert,
        action=escape(action),
        target=escape(target),
        label=escape(t(lang, "Token")),
        button=escape(t(lang, "Sign in")),
    )
