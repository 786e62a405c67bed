"""Passwords, waiting times, codes and tokens: the parts that need no database."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from data.accounts import lockout, passwords, secret_values, totp
from data.accounts.model import BadAccount, Draft, check_draft, normalize_name

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("production_hasher")


@pytest.mark.parametrize("password", [
    "short",
    "elevenchars",
    "x" * 129,
    "13812345678901",  # digits
    "Password2026!",
    "P@ssw0rd1234!!",
    "qwertyuiop123",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "zhangsan20201231",
    "woaini1314520a",
    "网格员管理员密码1234",
    "abcabcabcabcabc",
    "aaaaaaaaaaaaaaaa",
    "correct horse battery staple",
    "Gridwell@2026#ok",
    "liuqiang19880502",
    "ＰａｓｓｗｏｒｄＰａｓｓｗｏｒｄ",  # full width
])  # fmt: skip
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    assert passwords.explain_refusal(password)


@pytest.mark.parametrize("password", [
    "grüner Elefant am Fluss",
    "春天的老码头很安静还有猫咪",
    "horse-kettle-violet-7",
    "x7Kp2mQ9vR4t",
    "83f9a2b7c1d4",
])  # fmt: skip
def test_what_is_long_and_ones_own_is_taken(password: str) -> None:
    assert passwords.explain_refusal(password) is None


def test_ones_own_name_is_no_secret() -> None:
    assert passwords.explain_refusal("wuxiaofang.wuxiaofang", "wuxiaofang")
    assert passwords.explain_refusal("wuxiaofang.wuxiaofang", "somebody") is None


def test_parts_of_a_name_count_from_three_letters() -> None:
    """Two letters are in many words; case, signs and digits of the name do not matter."""
    assert passwords.strip_guessable("kvo.fjuxob.kvo.mbufk", "Kvo.Li_fj42") == "fjuxobmbufk"
    assert passwords.strip_guessable("kvo.fjuxob.kvo.mbufk", "kv.fj") == "kvo.fjuxob.kvo.mbufk"


def test_a_kept_password_fits_itself_alone_and_is_never_what_is_kept() -> None:
    kept = passwords.hash_password("horse-kettle-violet-7")
    assert kept.startswith("$argon2id$") and "kettle" not in kept
    assert passwords.verify_password(kept, "horse-kettle-violet-7")
    assert not passwords.verify_password(kept, "horse-kettle-violet-8")
    assert not passwords.verify_password(None, "nobody has this password")
    assert not passwords.verify_password("not a hash", "x")
    assert not passwords.needs_rehash(kept)


def test_the_same_password_from_another_keyboard_fits() -> None:
    kept = passwords.hash_password("café-kettle-violet")
    assert passwords.verify_password(kept, "cafe\u0301-kettle-violet")


async def test_many_who_sign_in_wait_for_their_turn() -> None:
    assert await passwords.run_in_queue(passwords.verify_password, None, "x") is False


def test_guessing_becomes_slower_and_never_ends_for_good() -> None:
    assert [lockout.wait_s(failed) for failed in range(10)] == [0, 0, 0, 0, 0, 2, 4, 8, 16, 32]
    assert lockout.wait_s(1_000_000) == 900


def test_a_try_is_looked_at_again_once_the_wait_is_over() -> None:
    assert not lockout.must_wait(4, NOW, NOW)
    assert lockout.must_wait(5, NOW, NOW + timedelta(seconds=1.9))
    assert not lockout.must_wait(5, NOW, NOW + timedelta(seconds=2))
    assert not lockout.must_wait(0, None, NOW)


def test_old_failures_are_forgotten() -> None:
    assert lockout.count_failure(7, NOW - timedelta(hours=23), NOW) == 8
    assert lockout.count_failure(7, NOW - timedelta(hours=25), NOW) == 1
    assert lockout.count_failure(0, None, NOW) == 1


def test_a_code_opens_once_and_only_around_its_time() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # of a random one, two steps may have the same code
    step = int(NOW.timestamp()) // 30
    codes = pyotp.TOTP(secret)
    now, before, long_ago = codes.at(step * 30), codes.at((step - 1) * 30), codes.at((step - 3) * 30)
    assert totp.step_of(secret, now, NOW, None) == step
    assert totp.step_of(secret, f" {now[:3]} {now[3:]} ", NOW, None) == step
    assert totp.step_of(secret, now, NOW, step) is None, "it was used"
    assert totp.step_of(secret, before, NOW, None) == step - 1
    assert totp.step_of(secret, before, NOW, step) is None, "a later one was used"
    assert totp.step_of(secret, long_ago, NOW, None) is None
    for nonsense in ("", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "-12345"):
        assert totp.step_of(secret, nonsense, NOW, None) is None


def test_the_code_of_rfc_6238() -> None:
    """Appendix B, the last six digits, at 59 s."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp.step_of(secret, "287082", datetime.fromtimestamp(59, UTC), None) == 1


def test_what_the_picture_says() -> None:
    assert totp.provisioning_uri("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "王敏") == (
        "otpauth://totp/Gridwell:%E7%8E%8B%E6%95%8F?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Gridwell"
    )
    assert totp.group_by_four("ABCDEFGHIJ") == "ABCD EFGH IJ"


def test_a_token_says_what_it_is_and_only_its_hash_is_kept() -> None:
    personal, device = secret_values.make_token("personal"), secret_values.make_token("device")
    assert personal.startswith("gwp_") and device.startswith("gwd_") and len(personal) == 47
    assert secret_values.could_be_token(personal, "personal") and not secret_values.could_be_token(personal, "device")
    assert not secret_values.could_be_token("gwp_" + "x" * 1000, "personal") and not secret_values.could_be_token("", "personal")
    assert len(secret_values.hash_value(personal)) == 32 and secret_values.hash_value(personal) != secret_values.hash_value(device)


@pytest.mark.parametrize(("typed", "kept"), [(" Wang.Min ", "wang.min"), ("ＷＡＮＧ", "wang"), ("王敏", "王敏"), ("Straße", "strasse")])
def test_a_name_has_one_form(typed: str, kept: str) -> None:
    assert normalize_name(typed) == kept


@pytest.mark.parametrize("draft", [
    Draft("", role="leader"),
    Draft("a b", role="leader"),
    Draft("a\x00b", role="leader"),
    Draft("x" * 65, role="leader"),
    Draft("<script>", role="leader"),
    Draft("a", role="king"),
    Draft("a", role="wall", detail="people"),
    Draft("a", role="leader", detail="people"),
    Draft("a", role="leader", detail="everything"),
    Draft("a", role="leader", scope=""),
    Draft("a", role="leader", lang="xx"),
    Draft("a", shown="x" * 101, role="leader"),
    Draft("a", shown="\u202eevil", role="leader"),
    Draft("a", role="leader", oidc_subject="x" * 201),
])  # fmt: skip
def test_an_account_that_cannot_be_is_refused(draft: Draft) -> None:
    with pytest.raises(BadAccount):
        check_draft(draft)


def test_an_account_has_its_roles_highest_detail_unless_told_otherwise() -> None:
    assert check_draft(Draft("a", role="steward"))["detail"] == "people"
    assert check_draft(Draft("a", role="steward", detail="cases"))["detail"] == "cases"
    assert check_draft(Draft("A", role="wall"))["shown"] == "A"
