//! What is offered when Kerberos cannot be used, and what is not.

use super::*;

fn no_kdc() -> Error {
    Error::Unavailable { mechanism: "Kerberos", reason: "no KDC of EXAMPLE.COM answers".into() }
}

#[test]
fn ntlm_alone_is_offered_where_kerberos_is_not_available() {
    let source = Source::new().with_kerberos(kerberos::failing(no_kdc())).with_ntlm(ntlm_source());
    let initiator = begin(&source).unwrap();
    let left_out = initiator.left_out().unwrap();
    assert_eq!(left_out.reason, no_kdc(), "the reason is kept");
    assert_eq!(left_out.to_string(), "Kerberos was not used: no KDC of EXAMPLE.COM answers");
    assert_eq!(initiator.auth_type(), AuthType::Spnego);

    let exchange = Exchange::run(&source, &server(Legs::Three));
    assert_eq!(exchange.init().mech_types, MechTypes::new(&[Mechanism::Ntlm]).unwrap());
    let (client, server) = exchange.established();
    assert_eq!(server.identity.auth_type, AuthType::Ntlm);
    talk(client, server);
}

#[test]
fn nothing_is_left_out_where_everything_is_there() {
    assert_eq!(begin(&client(Legs::Three)).unwrap().left_out(), None);
}

#[test]
fn kerberos_alone_is_offered_where_there_is_no_account_for_ntlm() {
    let nobody = Arc::new(ntlm::Source::new(Credentials::new("", "".into())));
    let source = Source::new().with_kerberos(kerberos::source(Legs::Three)).with_ntlm(nobody);
    let exchange = Exchange::run(&source, &server(Legs::Three));
    let listed = MechTypes::new(&[Mechanism::MsKerberos, Mechanism::Kerberos]).unwrap();
    assert_eq!(exchange.init().mech_types, listed);
    exchange.established();
}

#[test]
fn a_refused_account_is_no_reason_to_try_ntlm() {
    for error in [Error::LogonDenied, Error::Tampered] {
        let source =
            Source::new().with_kerberos(kerberos::failing(error.clone())).with_ntlm(ntlm_source());
        assert_eq!(begin(&source).err(), Some(error));
    }
}

#[test]
fn forbidden_ntlm_is_not_offered() {
    let exchange = Exchange::run(&client(Legs::Three).without_ntlm(), &server(Legs::Three));
    let listed = MechTypes::new(&[Mechanism::MsKerberos, Mechanism::Kerberos]).unwrap();
    assert_eq!(exchange.init().mech_types, listed);
    exchange.established();

    let source = Source::new().with_kerberos(kerberos::failing(no_kdc())).with_ntlm(ntlm_source());
    assert_eq!(begin(&source.without_ntlm()).err(), Some(no_kdc()));

    // A server cannot have it all the same.
    let exchange = Exchange::run(&client(Legs::Three).without_ntlm(), &ntlm_only_server());
    let offered = "MS-Kerberos, Kerberos".to_owned();
    assert_eq!(exchange.server_error(), Some(&Failure::NoCommonMechanism(offered).into()));
    let mut initiator = begin(&client(Legs::Three).without_ntlm()).unwrap();
    initiator.step(None).unwrap();
    let input = answer(NegState::RequestMic, Some(Mechanism::Ntlm), None);
    let error = initiator.step(Some(&input)).unwrap_err();
    assert_eq!(error, Failure::NotOffered("NTLM".into()).into());
}

#[test]
fn a_source_of_nothing_offers_nothing() {
    assert_eq!(begin(&Source::new()).err(), Some(Failure::NothingToOffer.into()));
    let source = Source::new().with_ntlm(ntlm_source()).without_ntlm();
    assert_eq!(begin(&source).err(), Some(Failure::NothingToOffer.into()));
}

#[test]
fn where_nothing_is_available_the_preferred_mechanism_tells_why() {
    let nobody = Arc::new(ntlm::Source::new(Credentials::new("", "".into())));
    let source = Source::new().with_kerberos(kerberos::failing(no_kdc())).with_ntlm(nobody);
    assert_eq!(begin(&source).err(), Some(no_kdc()));
    assert_eq!(begin(&source.ntlm_first()).err(), Some(Error::AnonymousRefused));
}
