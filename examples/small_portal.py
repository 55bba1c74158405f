"""A parents' portal in JSON, from the promised names alone: `python small_portal.py DATABASE KEYS PORT`.

It needs Flask. With `--test-people` never-issued Social Security numbers are let in.
"""

import sys

from flask import Flask, Response, jsonify, request

from dcss_core import Agency, CaseNumber, Month, Secret, Ssn, errors, json_converter, open_agency
from dcss_core.users import Answer, Registered, RegistrationForm, ResetConfirmed, SessionToken, SignedIn

JSON = json_converter()
Sent = tuple[Response, int]


def sent(value: object, status: int = 200) -> Sent:
    """A value of the library as an HTTP answer."""
    return jsonify(JSON.unstructure(value)), status


def me() -> SessionToken:
    """Whoever asks, by the cookie that sign-in set."""
    return SessionToken(request.cookies.get("session", ""))


def portal(agency: Agency, *, test_people: bool = False) -> Flask:
    """The portal of an open agency; one process opens one agency and serves it with threads."""
    app = Flask(__name__)

    def source() -> str | None:
        return request.remote_addr

    def given(name: str) -> str:
        return str(request.json.get(name, ""))  # what is missing is a fault that the library names

    def ssn() -> Ssn:
        return Ssn(given("ssn"), accept_never_issued=test_people)

    def answers() -> tuple[Answer, ...]:
        return tuple(Answer(key, Secret(text)) for key, text in request.json.get("answers", {}).items())

    @app.errorhandler(errors.DcssError)
    def refused(error: errors.DcssError) -> Sent:
        faults = error.faults if isinstance(error, errors.InvalidInputError) else ()
        return sent({"code": error.code, "faults": faults}, errors.http_status(error))

    @app.post("/register")
    def register() -> Sent:
        typed = {name: given(name) for name in ("user_id", "full_name", "birth_date", "irn")}
        form = RegistrationForm(**typed, password=Secret(given("password")), ssn=ssn(), answers=answers())
        outcome = agency.accounts.register(form, source=source())
        return sent(outcome, 201 if isinstance(outcome, Registered) else 422)

    @app.get("/notice")
    def notice() -> Sent:
        return sent({"text": agency.accounts.banner().text, "version": agency.accounts.banner().version})

    @app.post("/sign-in")
    def sign_in() -> Sent:
        user_id, password, notice = given("user_id"), Secret(given("password")), given("notice")
        outcome = agency.accounts.sign_in(user_id, password, banner=notice, source=source())
        if not isinstance(outcome, SignedIn):
            return sent({"outcome": type(outcome).__name__}, 401)
        answer, status = sent({"scope": outcome.session.scope})
        answer.set_cookie("session", outcome.token.reveal(), httponly=True, samesite="Strict")
        return answer, status

    @app.get("/cases/<number>/payments")
    def payments(number: str) -> Sent:
        return sent(agency.payments.history(CaseNumber(number), by=me(), after=request.args.get("after")))

    @app.get("/payments/<receipt_id>")
    def explanation(receipt_id: str) -> Sent:
        return sent({"explanation": str(agency.payments.explain(receipt_id, by=me())).splitlines()})

    @app.get("/cases/<number>/statement")
    def statement(number: str) -> Sent:
        first, last = (Month.parse(request.args.get(name, "")) for name in ("first", "last"))
        return sent(agency.payments.statement(CaseNumber(number), first=first, last=last, by=me()))

    @app.post("/recovery")
    def recovery() -> Sent:
        name, reset = given("full_name"), agency.recovery.reset_password
        outcome = reset(full_name=name, ssn=ssn(), answers=answers(), source=source())
        return sent(outcome, 200 if isinstance(outcome, ResetConfirmed) else 422)

    read, act = app.get, app.post
    read("/cases", endpoint="cases")(lambda: sent(agency.cases.own(me())))
    read("/sessions", endpoint="on")(lambda: sent([each.source for each in agency.sessions.own(me())]))
    act("/questions", endpoint="ask")(lambda: sent(agency.recovery.questions(ssn(), source=source())))
    act("/sign-out", endpoint="out")(lambda: sent(agency.accounts.sign_out(me(), source=source())))
    return app


if __name__ == "__main__":
    database, keys, port = sys.argv[1:4] if len(sys.argv) > 3 else sys.exit(__doc__)
    with open_agency(f"sqlite:///{database}", jurisdiction="US-GA", keys=keys, channels=None) as opened:
        portal(opened, test_people="--test-people" in sys.argv).run("127.0.0.1", int(port), threaded=True)
