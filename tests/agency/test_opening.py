def test_smoke(agency, janes_account, jane, sign_in, reset, mail):
    token = sign_in(agency, jane)
    assert agency.accounts.display_name(token) == "Jane Roe"
    print(reset(agency, jane), agency.outbox.dispatch(), mail.assigned_password())
