//! Somebody in between who would like the peers to use another mechanism.

use super::*;

/// Puts another list of mechanisms into the first token, which loses its token of a mechanism.
fn relist(token: &[u8], mechanisms: &[Mechanism]) -> Vec<u8> {
    let message = NegTokenInit {
        mech_types: MechTypes::new(mechanisms).unwrap(),
        mech_token: None,
        ..NegTokenInit::parse(token).unwrap()
    };
    message.encode().unwrap()
}

/// Takes the signature out.
fn unsigned(token: &[u8]) -> Vec<u8> {
    let message = NegTokenResp { mech_list_mic: None, ..NegTokenResp::parse(token).unwrap() };
    message.encode().unwrap()
}

#[test]
fn a_mechanism_that_was_taken_off_the_list_shows() {
    let source = client(Legs::Three);
    let exchange = Exchange::run_over(&source, &server(Legs::Three), |leg, token| match leg {
        0 => relist(&token, &[Mechanism::Ntlm]),
        _ => token,
    });
    assert_eq!(exchange.server_error(), Some(&Error::Tampered));
    assert!(exchange.client.is_none(), "the client goes on waiting");

    // NTLM clients that sign their messages sign the list as well.
    let exchange = Exchange::run_over(&source, &server(Legs::Three), |leg, token| match leg {
        0 => relist(&token, &[Mechanism::Ntlm]),
        4 => unsigned(&token),
        _ => token,
    });
    assert_eq!(exchange.server_error(), Some(&Failure::MicMissing.into()));
    assert!(exchange.client.is_none());
}

#[test]
fn a_server_that_was_deceived_cannot_satisfy_the_client() {
    // The mechanism of the tests signs nothing of its own, so the server sees no signature missing.
    let source = client(Legs::Three).ntlm_first();
    let deceive = |leg, token: Vec<u8>| match leg {
        0 => relist(&token, &[Mechanism::MsKerberos]),
        4 => unsigned(&token),
        _ => token,
    };
    let exchange = Exchange::run_over(&source, &server(Legs::Three), deceive);
    assert!(matches!(exchange.server, Some(Ok(_))));
    assert_eq!(exchange.client_error(), Some(&Failure::MicMissing.into()));

    let exchange = Exchange::run_over(&source, &server(Legs::Three), |leg, token| match leg {
        5 => {
            let message = NegTokenResp::parse(&token).unwrap();
            NegTokenResp { mech_list_mic: Some(&[7; 16]), ..message }.encode().unwrap()
        }
        _ => deceive(leg, token),
    });
    assert_eq!(exchange.client_error(), Some(&Error::Tampered));
}

#[test]
fn no_bit_of_the_list_can_be_changed() {
    let servers = [server(Legs::Three), ntlm_only_server()];
    let honest = Exchange::run(&client(Legs::Three), &servers[0]);
    let list = honest.init().mech_types.as_der().to_vec();
    let at = honest.tokens[0].windows(list.len()).position(|bytes| bytes == list).unwrap();
    for server in &servers {
        for place in at..at + list.len() {
            for bit in 0..8 {
                let changed = |leg, mut token: Vec<u8>| {
                    if leg == 0 {
                        token[place] ^= 1 << bit;
                    }
                    token
                };
                let exchange = Exchange::run_over(&client(Legs::Three), server, changed);
                let fooled = |side: &Option<Result<_, _>>| matches!(side, Some(Ok(_)));
                assert!(!fooled(&exchange.client), "bit {bit} of byte {place}");
                assert!(!fooled(&exchange.server), "bit {bit} of byte {place}");
            }
        }
    }
}

#[test]
fn no_bit_of_a_signature_can_be_changed() {
    let honest = Exchange::run(&client(Legs::Three), &ntlm_only_server());
    for leg in [4, 5] {
        let mic_len = honest.resp(leg).mech_list_mic.unwrap().len();
        let len = honest.tokens[leg].len();
        for (from_end, bit) in (1..=mic_len).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let changed = |at, mut token: Vec<u8>| {
                if at == leg {
                    // The signature is the last field.
                    assert_eq!(token.len(), len);
                    token[len - from_end] ^= 1 << bit;
                }
                token
            };
            let exchange = Exchange::run_over(&client(Legs::Three), &ntlm_only_server(), changed);
            let error = if leg == 4 { exchange.server_error() } else { exchange.client_error() };
            assert_eq!(error, Some(&Error::Tampered), "bit {bit} of byte -{from_end}");
        }
    }
}

#[test]
fn a_signature_that_is_due_cannot_be_left_out() {
    let source = client(Legs::Three);
    for leg in [4, 5] {
        let strip = |at, token: Vec<u8>| if at == leg { unsigned(&token) } else { token };
        let exchange = Exchange::run_over(&source, &ntlm_only_server(), strip);
        let error = if leg == 4 { exchange.server_error() } else { exchange.client_error() };
        assert_eq!(error, Some(&Failure::MicMissing.into()), "leg {leg}");
    }
    // Of two legs: the server is to sign first, the client then.
    let source = client(Legs::Two).ntlm_first();
    let server = Authenticator::new(kerberos::server(Legs::Two));
    for leg in [3, 4] {
        let strip = |at, token: Vec<u8>| if at == leg { unsigned(&token) } else { token };
        let exchange = Exchange::run_over(&source, &server, strip);
        let error = if leg == 4 { exchange.server_error() } else { exchange.client_error() };
        assert_eq!(error, Some(&Failure::MicMissing.into()), "leg {leg}");
    }
}

#[test]
fn a_signature_of_the_first_choice_may_be_left_out_by_the_server() {
    // RFC 4178 section 5: the client got what it wanted most.
    let exchange = Exchange::run_over(&client(Legs::Three), &server(Legs::Three), |leg, token| {
        if leg == 3 { unsigned(&token) } else { token }
    });
    assert!(matches!(exchange.client, Some(Ok(_))));
    // Once it asked for the exchange, it has to take part.
    let exchange = Exchange::run_over(&client(Legs::Three), &server(Legs::Three), |leg, token| {
        let message = || NegTokenResp::parse(&token).unwrap();
        match leg {
            1 => NegTokenResp { state: Some(NegState::RequestMic), ..message() }.encode().unwrap(),
            3 => unsigned(&token),
            _ => token,
        }
    });
    assert_eq!(exchange.client_error(), Some(&Failure::MicMissing.into()));
}

#[test]
fn only_what_was_offered_can_be_chosen() {
    let choose = |source: &Source, mechanism: Option<Mechanism>| {
        let mut initiator = begin(source).unwrap();
        initiator.step(None).unwrap();
        let input = answer(NegState::RequestMic, mechanism, None);
        let error = initiator.step(Some(&input)).unwrap_err();
        assert!(initiator.step(Some(&input)).is_err(), "it is over");
        error
    };
    let not_offered = |name: &str| Failure::NotOffered(name.into()).into();
    let both = client(Legs::Three);
    assert_eq!(choose(&both, Some(Mechanism::NegoEx)), not_offered("NEGOEX"));
    let ntlm = Source::new().with_ntlm(ntlm_source());
    assert_eq!(choose(&ntlm, Some(Mechanism::Kerberos)), not_offered("Kerberos"));
    assert_eq!(choose(&ntlm, Some(Mechanism::MsKerberos)), not_offered("MS-Kerberos"));
    assert!(matches!(
        choose(&both, None),
        Error::Malformed { field: "supportedMech", problem: Problem::Missing, .. }
    ));

    // One that nobody here knows, and one that is no identifier at all.
    for (oid, name) in [
        (&[0x2a, 0x03, 0x04][..], "1.2.3.4"),
        (&[0x80], "an unreadable object identifier"),
        (&[], "an unreadable object identifier"),
    ] {
        let mut initiator = begin(&both).unwrap();
        initiator.step(None).unwrap();
        let message = NegTokenResp {
            state: Some(NegState::RequestMic),
            supported_mech: Some(MechType::from_value(oid)),
            ..Default::default()
        };
        let error = initiator.step(Some(&message.encode().unwrap())).unwrap_err();
        assert_eq!(error, not_offered(name));
    }
}

#[test]
fn nobody_ends_the_exchange_before_the_mechanism_does() {
    // Each answer of the server in turn says that all is done.
    for (server, legs) in [(server(Legs::Three), &[1][..]), (ntlm_only_server(), &[1, 3])] {
        for &leg in legs {
            let hurry = |at, token: Vec<u8>| {
                if at != leg {
                    return token;
                }
                let state = Some(NegState::AcceptCompleted);
                let message = NegTokenResp { state, ..NegTokenResp::parse(&token).unwrap() };
                message.encode().unwrap()
            };
            let exchange = Exchange::run_over(&client(Legs::Three), &server, hurry);
            let error = exchange.client_error();
            assert!(
                matches!(error, Some(Error::Negotiation(Failure::CompletedEarly(_)))),
                "leg {leg}: {error:?}"
            );
        }
    }
    // With no token at all, and a choice that was not the first.
    for mechanism in [Mechanism::MsKerberos, Mechanism::Kerberos, Mechanism::Ntlm] {
        let mut initiator = begin(&client(Legs::Three)).unwrap();
        initiator.step(None).unwrap();
        let input = answer(NegState::AcceptCompleted, Some(mechanism), None);
        let error = initiator.step(Some(&input)).unwrap_err();
        assert!(
            matches!(error, Error::Negotiation(Failure::CompletedEarly(_))),
            "{mechanism}: {error}"
        );
    }
}

#[test]
fn a_second_choice_begins_afresh() {
    // Neither a token of it nor a signature can come with the choice.
    for (token, mic) in [(Some(b"token".as_slice()), None), (None, Some([0; 16].as_slice()))] {
        let mut initiator = begin(&client(Legs::Three)).unwrap();
        initiator.step(None).unwrap();
        let message = NegTokenResp {
            state: Some(NegState::RequestMic),
            supported_mech: Some(Mechanism::Ntlm.into()),
            response_token: token,
            mech_list_mic: mic,
        };
        let error = initiator.step(Some(&message.encode().unwrap())).unwrap_err();
        assert!(matches!(error, Error::OutOfTurn(_)), "{error}");
    }
}

#[test]
fn a_rejection_ends_the_exchange_with_the_reason_that_the_mechanism_knows() {
    for (token, expected) in [
        (None, Failure::Rejected.into()),
        (Some(b"answer".as_slice()), Failure::Rejected.into()),
        (Some(b"clock skew"), Error::OutOfTurn("a clock")),
    ] {
        for leg in [1, 3] {
            let reject = answer(NegState::Reject, None, token);
            let exchange =
                Exchange::run_over(&client(Legs::Three), &server(Legs::Three), |at, token| {
                    if at == leg { reject.clone() } else { token }
                });
            let expected = if leg == 3 { Failure::Rejected.into() } else { expected.clone() };
            assert_eq!(exchange.client_error(), Some(&expected), "leg {leg}");
        }
    }
    let exchange =
        Exchange::run_over(&client(Legs::Three), &server(Legs::Three), |at, token| match at {
            2 => answer(NegState::Reject, None, None),
            _ => token,
        });
    assert_eq!(exchange.server_error(), Some(&Failure::Rejected.into()));
}
