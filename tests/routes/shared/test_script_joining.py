"""Joining modules into one script: it does what the modules do, each module runs once, and what is not understood is refused."""

import subprocess
import sys
from pathlib import Path

import pytest

from routes.shared.script_joining import join_modules

MODULES = {
    "entry.js": """import { add, Counter as Named, total } from './tools/counter.js';
import * as shapes from './tools/shapes.js';

const total_here = 'a name that two modules use';
add(2);
const counter = new Named();
console.log(counter.next(), total(), Object.keys(shapes).sort().join(), shapes.total_here, total_here, this === undefined);
shapes.later().then((value) => console.log(value, [...shapes.each()].join()));
""",
    "tools/counter.js": """let sum = 0;

console.log('once');

export function add(n) {
  sum += n;
}

export const total = () => sum;

export class Counter {
  next() {
    return 'next';
  }
}
""",
    "tools/shapes.js": """import {
  add,
} from './counter.js';

add(40);
export const total_here = "shapes' own";

export async function later() {
  return 'later';
}

export function* each() {
  yield 1;
}
""",
}


def run(script: str, folder: Path) -> str:
    """What a script prints, run by deno as a browser runs it: as a module."""
    file = folder / "script.js"
    file.write_text(script)
    deno = Path(sys.executable).parent / "deno"
    return subprocess.run([deno, "run", "--no-config", "-q", file], capture_output=True, text=True, check=True).stdout


def test_the_script_does_what_the_modules_do(tmp_path: Path) -> None:
    for name, text in MODULES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    separate = run((tmp_path / "entry.js").read_text(), tmp_path)
    assert separate == "once\nnext 42 each,later,total_here shapes' own a name that two modules use true\nlater 1\n"
    assert run(join_modules("entry.js", MODULES), tmp_path) == separate


def test_a_module_that_nobody_imports_is_left_out() -> None:
    assert "unused" not in join_modules("entry.js", {**MODULES, "unused.js": "console.log('unused');\n"})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("export let n = 1;\n", "export let n = 1;"),
        ("export default 1;\n", "export default"),
        ("const a = 1;\nexport { a };\n", r"export \{ a \}"),
        ("export * from './b.js';\n", "export \\*"),
        ("const { a, b } = f();\nexport const { c } = f();\n", "export const"),
        ("import './b.js';\n", "import './b.js'"),
        ("import b from './b.js';\n", "import b"),
        ("import { a } from 'elsewhere';\n", "elsewhere"),
        ("const b = await import('./b.js');\n", "import\\('./b.js'\\)"),
        ("fetch(import.meta.url);\n", "import.meta"),
        ("import { a } from './c.js';\n", "a.js imports c.js: no such module"),
        ("import { b } from './b.js';\n", "a.js imports b.js imports a.js: a circle"),
        ("import { a } from './a.js';\n", "a.js imports a.js: a circle"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        join_modules("a.js", {"a.js": text, "b.js": "import { a } from './a.js';\n\nexport const b = 1;\n"})
