"""``linli understand read``."""

import json
import subprocess
import sys

from click.testing import CliRunner

from linli.site.understand import command


def test_it_prints_the_reading_as_json() -> None:
    result = CliRunner().invoke(command, ["小区门口的路灯不亮，电话13812345678", "--cold"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert found["parts"][0]["category"]["code"] == "urban.lighting.streetlamp"
    assert [span["kind"] for span in found["personal"]] == ["mobile"]


def test_it_tells_people_in_both_languages() -> None:
    result = CliRunner().invoke(command, ["--text", "--cold", "-"], input="三楼着火了，The lamp is broken")
    assert result.exit_code == 0, result.output
    assert "危险 danger: fire" in result.output
    assert "地点 place" in result.output


def test_it_loads_neither_the_database_nor_the_trainer() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from linli.site.understand import command;"
        "r = CliRunner().invoke(command, ['路灯不亮', '--cold']); assert r.exit_code == 0, r.output;"
        "print([m for m in ('django', 'psycopg', 'sklearn', 'scipy', 'shapely') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
