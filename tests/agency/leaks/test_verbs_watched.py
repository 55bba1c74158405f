"""That the flows are all there are, and go all their ways: a verb that is in none of them fails here."""

import pytest

from dcss_core.agency.callers.verbs import VERBS

from .flows import FLOWS

AREAS = (
    "accounts",
    "credentials",
    "contacts",
    "sessions",
    "second_factors",
    "recovery",
    "staff_resets",
    "oversight",
    "staff",
    "outbox",
    "subscriptions",
    "texts",
    "approvals",
    "remitters",
    "vouched",
    "members",
    "invitations",
)
UNOBSERVED = {"accounts.policies", "accounts.banner"}  # they take nothing and give the rules
ANSWERS = {
    "accounts.register": "Registered RegistrationIncomplete RegistrationRefused",
    "accounts.close": "ClosedByOwner ReauthenticationRefused",
    "accounts.sign_in": "SignedIn SignInRefused BannerNotAccepted SecondFactorDue",
    "contacts.change": "ContactChangeBegun ContactChangeRefused ReauthenticationRefused",
    "contacts.confirm": "ContactChanged ContactCodeRefused",
    "accounts.ask_for_passkey": "PasskeyAsked",
    "accounts.sign_in_with_passkey": "SignInRefused BannerNotAccepted",
    "credentials.change_password": "PasswordChangeAccepted PasswordChangeRefused",
    "credentials.change_answers": "AnswersChangeAccepted AnswersChangeRefused",
    "sessions.reauthenticate": "ReauthenticationAccepted ReauthenticationRefused",
    "invitations.accept": "Joined InvitationIncomplete InvitationRefused UserIdTaken",
    "members.end": "ReauthenticationRefused",
    "members.invite": "Invited ReauthenticationRefused",
    "members.limit": "RemitterRights ReauthenticationRefused",
    "remitters.open": "ApprovalDue OpenedForRemitter",
    "vouched.enter": "SignedIn LinkDue VouchingNotAccepted BannerNotAccepted",
    "vouched.link": "LinkOnFile LinkRefused ReauthenticationRefused",
    "vouched.unlink": "ReauthenticationRefused",
    "second_factors.begin": "SetUpBegun ReauthenticationRefused",
    "second_factors.confirm": "EnrolmentAccepted EnrolmentRefused",
    "second_factors.give": "SignedIn SecondFactorRefused",
    "second_factors.new_codes": "SavedCodesIssued ReauthenticationRefused",
    "second_factors.remove": "RemovalAccepted ReauthenticationRefused",
    "recovery.choose_password": "PasswordChosen ChoiceRefused CodeRefused",
    "recovery.reset_password": "ResetConfirmed ResetRefused",
}
LETTERS = {
    "Another way into your online account",
    "A saved code was used",
    "A change of how we reach you was asked for",
    "A second factor was set up",
    "An account was set up for you",
    "How we reach you was changed",
    "How we reach you was changed back",
    "Recovery of your account was closed",
    "Sign-in was locked",
    "Somebody signed in after failed attempts",
    "You can make an online account",
    "Your code for a new password",
    "Your code to confirm",
    "Your online account",
    "Your organisation's online accounts",
    "Your password was changed",
    "Your password was given without a code",
    "Your password was reset",
    "Your saved codes were replaced",
    "Your second factor was removed",
    "Your security questions were changed",
    "Your user ID",
}


@pytest.fixture
def letters(scene_of, watch):
    """The subjects of all letters, after every flow."""
    arrived = set()
    for flows in FLOWS.values():
        scene = scene_of(flows)
        for flow in flows.of(scene):
            watch.call(flow)
        arrived.update(scene.mail.subjects)
    return arrived


def test_every_verb_of_these_areas_is_in_a_flow_with_each_of_its_answers(letters, told):
    written = {verb for verb in VERBS if verb.partition(".")[0] in AREAS}
    assert written - {verb for verb, _ in told.answered} == UNOBSERVED
    answers = {(verb, answer) for verb, named in ANSWERS.items() for answer in named.split()}
    assert answers - told.answered == set()
    assert letters == LETTERS
