//! Negotiations that succeed, leg by leg.

use super::*;

const COMPLETED: Option<NegState> = Some(NegState::AcceptCompleted);
const INCOMPLETE: Option<NegState> = Some(NegState::AcceptIncomplete);
const REQUEST_MIC: Option<NegState> = Some(NegState::RequestMic);

fn offered(exchange: &Exchange) -> Vec<Mechanism> {
    exchange.init().mech_types.iter().map(|mech_type| mech_type.mechanism().unwrap()).collect()
}

#[test]
fn kerberos_takes_the_four_legs_of_recorded_windows_traffic() {
    let exchange = Exchange::run(&client(Legs::Three), &server(Legs::Three));
    assert_eq!(exchange.tokens.len(), 4);
    assert_eq!(offered(&exchange), [Mechanism::MsKerberos, Mechanism::Kerberos, Mechanism::Ntlm]);
    assert_eq!(exchange.init().mech_token, Some(b"ticket".as_slice()));
    assert_eq!(exchange.init().mech_list_mic, None);
    assert_eq!(exchange.shape(1), (INCOMPLETE, Some(Mechanism::MsKerberos), true, false));
    assert_eq!(exchange.shape(2), (INCOMPLETE, None, true, true));
    assert_eq!(exchange.shape(3), (COMPLETED, None, false, true));
    let (client, server) = exchange.established();
    assert_eq!(client.identity.auth_type, AuthType::Kerberos);
    assert_eq!(server.identity.auth_type, AuthType::Kerberos);
    assert!(client.mutual);
    talk(client, server);
}

#[test]
fn ntlm_after_a_refused_first_guess_takes_the_six_legs_of_recorded_windows_traffic() {
    let exchange = Exchange::run(&client(Legs::Three), &ntlm_only_server());
    assert_eq!(exchange.tokens.len(), 6);
    assert_eq!(exchange.shape(1), (REQUEST_MIC, Some(Mechanism::Ntlm), false, false));
    assert_eq!(exchange.shape(2), (INCOMPLETE, None, true, false));
    assert_eq!(exchange.shape(3), (INCOMPLETE, None, true, false));
    assert_eq!(exchange.shape(4), (INCOMPLETE, None, true, true));
    assert_eq!(exchange.shape(5), (COMPLETED, None, false, true));
    let (client, server) = exchange.established();
    assert_eq!(server.identity.auth_type, AuthType::Ntlm);
    assert_eq!(server.identity.user, "alice");
    assert!(!client.mutual, "NTLM shows no server");
    talk(client, server);
}

#[test]
fn a_client_without_a_ticket_for_the_server_is_led_to_ntlm() {
    let ticket_wanted = winreach_kerberos::messages::framed([4, 0], b"KERB-TGT-REQ").unwrap();
    let first = NegTokenInit {
        mech_types: MechTypes::new(&[Mechanism::MsKerberos, Mechanism::Kerberos, Mechanism::Ntlm])
            .unwrap(),
        mech_token: Some(&ticket_wanted),
        hints: None,
        mech_list_mic: None,
    };
    let mut acceptor = server(Legs::Three).acceptor(AuthType::Spnego, AuthLevel::Privacy).unwrap();
    let answer = acceptor.step(&first.encode().unwrap()).unwrap().token.unwrap();
    let answer = NegTokenResp::parse(&answer).unwrap();
    assert_eq!((answer.state, answer.response_token), (REQUEST_MIC, None));
    let chosen = answer.supported_mech.and_then(|mech_type| mech_type.mechanism());
    assert_eq!(chosen, Some(Mechanism::Ntlm));
}

#[test]
fn ntlm_alone_takes_four_legs() {
    let source = Source::new().with_ntlm(ntlm_source());
    for server in [ntlm_only_server(), server(Legs::Three)] {
        let exchange = Exchange::run(&source, &server);
        assert_eq!(exchange.tokens.len(), 4);
        assert_eq!(offered(&exchange), [Mechanism::Ntlm]);
        assert_eq!(exchange.shape(1), (INCOMPLETE, Some(Mechanism::Ntlm), true, false));
        assert_eq!(exchange.shape(2), (INCOMPLETE, None, true, true));
        assert_eq!(exchange.shape(3), (COMPLETED, None, false, true));
        let (client, server) = exchange.established();
        talk(client, server);
    }
}

#[test]
fn a_first_choice_of_two_legs_needs_no_signatures() {
    let exchange = Exchange::run(&client(Legs::Two), &server(Legs::Two));
    assert_eq!(exchange.tokens.len(), 2);
    assert_eq!(exchange.shape(1), (COMPLETED, Some(Mechanism::MsKerberos), true, false));
    let (client, server) = exchange.established();
    talk(client, server);
}

#[test]
fn a_first_choice_of_one_leg_needs_no_signatures() {
    let exchange = Exchange::run(&client(Legs::One), &server(Legs::One));
    assert_eq!(exchange.tokens.len(), 2);
    assert_eq!(exchange.shape(1), (COMPLETED, Some(Mechanism::MsKerberos), false, false));
    let (client, server) = exchange.established();
    talk(client, server);
}

#[test]
fn a_second_choice_of_two_legs_is_signed_by_the_server_first() {
    let source = client(Legs::Two).ntlm_first();
    let server = Authenticator::new(kerberos::server(Legs::Two));
    let exchange = Exchange::run(&source, &server);
    assert_eq!(exchange.tokens.len(), 5);
    assert_eq!(offered(&exchange), [Mechanism::Ntlm, Mechanism::MsKerberos, Mechanism::Kerberos]);
    assert_eq!(exchange.shape(1), (REQUEST_MIC, Some(Mechanism::MsKerberos), false, false));
    assert_eq!(exchange.shape(2), (INCOMPLETE, None, true, false));
    assert_eq!(exchange.shape(3), (INCOMPLETE, None, true, true));
    assert_eq!(exchange.shape(4), (COMPLETED, None, false, true));
    let (client, server) = exchange.established();
    talk(client, server);
}

#[test]
fn a_second_choice_of_three_legs_is_signed_by_the_client_first() {
    let source = client(Legs::Three).ntlm_first();
    let server = Authenticator::new(kerberos::server(Legs::Three));
    let exchange = Exchange::run(&source, &server);
    assert_eq!(exchange.tokens.len(), 6);
    assert_eq!(exchange.shape(4), (INCOMPLETE, None, true, true));
    let (client, server) = exchange.established();
    talk(client, server);
}

#[test]
fn a_mechanism_that_cannot_sign_is_taken_as_the_first_choice_alone() {
    let exchange = Exchange::run(&client(Legs::Unsigned), &server(Legs::Unsigned));
    assert_eq!(exchange.shape(2), (INCOMPLETE, None, true, false));
    assert_eq!(exchange.shape(3), (COMPLETED, None, false, false));
    exchange.established();

    let source = client(Legs::Unsigned).ntlm_first();
    let server = Authenticator::new(kerberos::server(Legs::Unsigned));
    let exchange = Exchange::run(&source, &server);
    assert_eq!(exchange.client_error(), Some(&Error::LevelNotNegotiated(LEVEL)));
}

#[test]
fn ntlm_signs_the_negotiation_at_level_connect_too() {
    let source = client(Legs::Three);
    let mut initiator = source.initiator(SPN, AuthLevel::Connect).now_or_never().unwrap().unwrap();
    let mut acceptor = ntlm_only_server().acceptor(AuthType::Spnego, AuthLevel::Connect).unwrap();
    let mut tokens = Vec::new();
    let mut input: Option<Vec<u8>> = None;
    for _ in 0..3 {
        let token = initiator.step(input.as_deref()).unwrap().token.unwrap();
        let answer = acceptor.step(&token).unwrap().token.unwrap();
        tokens.extend([token, answer.clone()]);
        input = Some(answer);
    }
    assert!(initiator.step(input.as_deref()).unwrap().established.is_some());
    for signed in &tokens[4..] {
        assert!(NegTokenResp::parse(signed).unwrap().mech_list_mic.is_some());
    }
}

#[test]
fn a_client_that_agreed_on_no_signatures_is_taken_at_level_connect_alone() {
    let run = |level| {
        let mut ntlm = ntlm_source().initiator(SPN, AuthLevel::Connect).now_or_never().unwrap()?;
        let mut acceptor = ntlm_only_server().acceptor(AuthType::Spnego, level).unwrap();
        let offer = NegTokenInit {
            mech_types: MechTypes::new(&[Mechanism::Kerberos, Mechanism::Ntlm])?,
            mech_token: Some(b"ticket"),
            hints: None,
            mech_list_mic: None,
        };
        let mut answer = acceptor.step(&offer.encode()?)?;
        let mut input: Option<Vec<u8>> = None;
        for _ in 0..2 {
            let token = ntlm.step(input.as_deref())?.token;
            let message = NegTokenResp {
                state: Some(NegState::AcceptIncomplete),
                response_token: token.as_deref(),
                ..NegTokenResp::default()
            };
            answer = acceptor.step(&message.encode()?)?;
            let resp = NegTokenResp::parse(answer.token.as_deref().unwrap())?;
            assert_eq!(resp.mech_list_mic, None);
            input = resp.response_token.map(<[u8]>::to_vec);
        }
        Ok::<_, Error>(answer.established.is_some())
    };
    assert_eq!(run(AuthLevel::Connect), Ok(true));
    assert!(matches!(run(AuthLevel::Integrity), Err(Error::Downgrade { .. })));
}

#[test]
fn the_server_answers_by_the_name_that_the_client_put_first() {
    for first in [Mechanism::MsKerberos, Mechanism::Kerberos] {
        let mut acceptor = server(Legs::Three).acceptor(AuthType::Spnego, LEVEL).unwrap();
        let message = NegTokenInit {
            mech_types: MechTypes::new(&[first, Mechanism::Ntlm]).unwrap(),
            mech_token: Some(b"ticket"),
            hints: None,
            mech_list_mic: None,
        };
        let token = acceptor.step(&message.encode().unwrap()).unwrap().token.unwrap();
        let answer = NegTokenResp::parse(&token).unwrap();
        assert_eq!(answer.supported_mech, Some(first.into()));
        assert_eq!(answer.response_token, Some(b"answer".as_slice()));
    }
}

#[test]
fn a_server_that_calls_kerberos_by_its_other_name_is_understood() {
    let list = MechTypes::new(&[Mechanism::MsKerberos, Mechanism::Kerberos, Mechanism::Ntlm]);
    let list = list.unwrap();
    // It took the first token.
    let mut initiator = begin(&client(Legs::Three)).unwrap();
    initiator.step(None).unwrap();
    let name = Some(Mechanism::Kerberos);
    let input = answer(NegState::AcceptIncomplete, name, Some(b"answer"));
    let token = initiator.step(Some(&input)).unwrap().token.unwrap();
    assert_eq!(NegTokenResp::parse(&token).unwrap().response_token, Some(b"third".as_slice()));
    // As the name was not the first, it has to sign.
    let unsigned = answer(NegState::AcceptCompleted, None, None);
    let error = initiator.step(Some(&unsigned)).unwrap_err();
    assert_eq!(error, Failure::MicMissing.into());

    // It passed the first token over.
    let mut initiator = begin(&client(Legs::Three)).unwrap();
    initiator.step(None).unwrap();
    let input = answer(NegState::RequestMic, name, None);
    let token = initiator.step(Some(&input)).unwrap().token.unwrap();
    let again = NegTokenResp::parse(&token).unwrap();
    assert_eq!(again.response_token, Some(b"ticket".as_slice()));
    let mut acceptor = kerberos::server(Legs::Three).acceptor(AuthType::Kerberos, LEVEL).unwrap();
    let third = acceptor.step(b"ticket").unwrap().token.unwrap();
    let input = answer(NegState::AcceptIncomplete, None, Some(&third));
    let token = initiator.step(Some(&input)).unwrap().token.unwrap();
    let last = NegTokenResp::parse(&token).unwrap();
    let mut server = acceptor.step(last.response_token.unwrap()).unwrap().established.unwrap();
    server.context.verify_mechanisms(list.as_der(), last.mech_list_mic.unwrap()).unwrap();
    let mic = server.context.sign_mechanisms(list.as_der()).unwrap();
    let done = NegTokenResp { mech_list_mic: Some(&mic), state: COMPLETED, ..Default::default() };
    let client = initiator.step(Some(&done.encode().unwrap())).unwrap().established.unwrap();
    talk(client, server);
}

#[test]
fn a_server_that_leaves_the_state_out_is_understood() {
    // RFC 4178 section 4.2.2: after the first answer the state may be left out.
    let exchange = Exchange::run_over(&client(Legs::Three), &server(Legs::Three), |leg, token| {
        if leg == 0 || leg == 1 {
            return token;
        }
        let message = NegTokenResp { state: None, ..NegTokenResp::parse(&token).unwrap() };
        message.encode().unwrap()
    });
    let (client, server) = exchange.established();
    talk(client, server);
}

#[test]
fn a_client_that_has_no_first_token_is_served() {
    let exchange = Exchange::run_over(
        &Source::new().with_ntlm(ntlm_source()),
        &ntlm_only_server(),
        |leg, token| {
            if leg > 0 {
                return token;
            }
            let message = NegTokenInit { mech_token: None, ..NegTokenInit::parse(&token).unwrap() };
            message.encode().unwrap()
        },
    );
    assert_eq!(exchange.shape(1), (INCOMPLETE, Some(Mechanism::Ntlm), false, false));
}

#[test]
fn an_empty_token_of_the_mechanism_is_none() {
    let exchange = Exchange::run_over(&client(Legs::Three), &server(Legs::Three), |leg, token| {
        if leg != 3 {
            return token;
        }
        let message = NegTokenResp::parse(&token).unwrap();
        NegTokenResp { response_token: Some(b""), ..message }.encode().unwrap()
    });
    let (client, server) = exchange.established();
    talk(client, server);
}

#[test]
fn a_first_token_without_framing_is_read() {
    let exchange = Exchange::run_over(&client(Legs::Three), &server(Legs::Three), |leg, token| {
        // 60 len 06 06 OID: the framing of a token below 128 bytes.
        if leg == 0 { token[10..].to_vec() } else { token }
    });
    let (client, server) = exchange.established();
    talk(client, server);
}

#[test]
fn a_client_that_says_nothing_gets_a_hint_once() {
    let mut acceptor = server(Legs::Three).acceptor(AuthType::Spnego, LEVEL).unwrap();
    let token = acceptor.step(b"").unwrap().token.unwrap();
    let hint = NegTokenInit::parse(&token).unwrap();
    let listed = [Mechanism::MsKerberos, Mechanism::Kerberos, Mechanism::Ntlm];
    assert_eq!(hint.mech_types, MechTypes::new(&listed).unwrap());
    let name = hint.hints.unwrap().name;
    assert_eq!(name, Some(b"not_defined_in_RFC4178@please_ignore".as_slice()));
    let first = begin(&client(Legs::Three)).unwrap().step(None).unwrap().token.unwrap();
    assert!(acceptor.step(&first).is_ok(), "the negotiation begins then");

    let mut acceptor = server(Legs::Three).acceptor(AuthType::Spnego, LEVEL).unwrap();
    acceptor.step(b"").unwrap();
    assert!(matches!(acceptor.step(b""), Err(Error::Malformed { .. })));
}

#[test]
fn bare_ntlm_is_answered_bare() {
    let mut initiator = ntlm_source().initiator(SPN, LEVEL).now_or_never().unwrap().unwrap();
    let mut acceptor = server(Legs::Three).acceptor(AuthType::Spnego, LEVEL).unwrap();
    let negotiate = initiator.step(None).unwrap().token.unwrap();
    let challenge = acceptor.step(&negotiate).unwrap().token.unwrap();
    let last = initiator.step(Some(&challenge)).unwrap();
    let step = acceptor.step(&last.token.unwrap()).unwrap();
    assert_eq!(step.token, None);
    talk(last.established.unwrap(), step.established.unwrap());
    assert!(acceptor.step(&negotiate).is_err(), "it is over");

    let kerberos = Authenticator::new(kerberos::server(Legs::Three));
    let mut acceptor = kerberos.acceptor(AuthType::Spnego, LEVEL).unwrap();
    let error = acceptor.step(&negotiate).unwrap_err();
    assert_eq!(error, Failure::NoCommonMechanism("NTLM".into()).into());
}

#[test]
fn a_server_takes_each_mechanism_bare_and_negotiated() {
    let bare = Arc::new(Authenticators::new([kerberos::server(Legs::Three), ntlm_server()]));
    let spnego = Arc::new(Authenticator::new(bare.clone()));
    let server = Authenticators::new([bare as _, spnego as _]);
    for auth_type in [AuthType::Kerberos, AuthType::Ntlm, AuthType::Spnego] {
        assert!(server.acceptor(auth_type, LEVEL).is_some(), "{auth_type}");
    }
    assert!(server.acceptor(AuthType::Netlogon, LEVEL).is_none());
    // Without a mechanism for the level there is nothing to negotiate.
    assert!(server.acceptor(AuthType::Ntlm, AuthLevel::None).is_none());
    assert!(ntlm_only_server().acceptor(AuthType::Spnego, AuthLevel::None).is_none());
    assert!(ntlm_only_server().acceptor(AuthType::Ntlm, LEVEL).is_none());
}
