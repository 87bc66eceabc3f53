//! Peers that send what they like: replayed, out of turn, damaged.

use super::*;

/// All tokens of honest exchanges, with what they were exchanged between.
fn exchanges() -> Vec<(Source, Authenticator, Vec<Vec<u8>>)> {
    [
        (client(Legs::Three), server(Legs::Three)),
        (client(Legs::Three), ntlm_only_server()),
        (client(Legs::Two), server(Legs::Two)),
        (client(Legs::Two).ntlm_first(), Authenticator::new(kerberos::server(Legs::Two))),
        (Source::new().with_ntlm(ntlm_source()), ntlm_only_server()),
    ]
    .into_iter()
    .map(|(source, server)| {
        let tokens = Exchange::run(&source, &server).tokens;
        (source, server, tokens)
    })
    .collect()
}

#[test]
fn a_repeated_token_is_refused_on_both_sides() {
    for (source, server, tokens) in exchanges() {
        for repeated in 0..tokens.len() {
            let mut earlier = None;
            let exchange = Exchange::run_over(&source, &server, |leg, token| {
                if leg == repeated {
                    earlier = Some(token.clone());
                }
                // Instead of the next token that goes the same way.
                if leg == repeated + 2 { earlier.clone().unwrap() } else { token }
            });
            if repeated + 2 < tokens.len() {
                let receiver = if repeated % 2 == 0 { &exchange.server } else { &exchange.client };
                assert!(matches!(receiver, Some(Err(_))), "leg {repeated} twice");
            }
        }
    }
}

#[test]
fn a_token_after_the_end_is_refused() {
    for (source, server, _) in exchanges() {
        let mut initiator = begin(&source).unwrap();
        let mut acceptor = server.acceptor(AuthType::Spnego, LEVEL).unwrap();
        let mut to_server = initiator.step(None).unwrap().token;
        let mut last = Vec::new();
        while let Some(token) = to_server.take() {
            last = token.clone();
            if let Some(token) = acceptor.step(&token).unwrap().token {
                to_server = initiator.step(Some(&token)).unwrap().token;
            }
        }
        assert_eq!(
            acceptor.step(&last).unwrap_err(),
            Error::OutOfTurn("a token after the last one")
        );
        let done = answer(NegState::AcceptCompleted, None, None);
        assert_eq!(
            initiator.step(Some(&done)).unwrap_err(),
            Error::OutOfTurn("a token after the last one")
        );
        assert!(initiator.step(None).is_err());
    }
}

#[test]
fn the_first_legs_are_not_interchangeable() {
    let mut initiator = begin(&client(Legs::Three)).unwrap();
    let input = answer(NegState::AcceptIncomplete, Some(Mechanism::MsKerberos), Some(b"answer"));
    assert!(matches!(initiator.step(Some(&input)), Err(Error::OutOfTurn(_))), "not asked yet");

    let mut initiator = begin(&client(Legs::Three)).unwrap();
    let first = initiator.step(None).unwrap().token.unwrap();
    assert!(matches!(initiator.step(None), Err(Error::OutOfTurn(_))), "asked already");
    let mut initiator = begin(&client(Legs::Three)).unwrap();
    initiator.step(None).unwrap();
    assert!(matches!(initiator.step(Some(&first)), Err(Error::Malformed { .. })), "a client's");

    let mut acceptor = server(Legs::Three).acceptor(AuthType::Spnego, LEVEL).unwrap();
    assert!(matches!(acceptor.step(&input), Err(Error::Malformed { .. })), "a server's");

    // A second offer does not begin the negotiation again.
    let mut acceptor = ntlm_only_server().acceptor(AuthType::Spnego, LEVEL).unwrap();
    acceptor.step(&first).unwrap();
    assert!(matches!(acceptor.step(&first), Err(Error::Malformed { .. })));
}

#[test]
fn a_signature_before_there_are_keys_is_refused() {
    let with_mic = |token: &[u8]| {
        let message = NegTokenResp::parse(token).unwrap();
        NegTokenResp { mech_list_mic: Some(&[0; 16]), ..message }.encode().unwrap()
    };
    for leg in [2, 3] {
        let exchange =
            Exchange::run_over(&client(Legs::Three), &ntlm_only_server(), |at, token| {
                if at == leg { with_mic(&token) } else { token }
            });
        let error = if leg == 2 { exchange.server_error() } else { exchange.client_error() };
        match leg {
            2 => assert_eq!(error, Some(&Error::OutOfTurn("a mechListMIC"))),
            // The client has its keys with the challenge; it is a wrong signature then.
            _ => assert_eq!(error, Some(&Error::Tampered)),
        }
    }
    let exchange = Exchange::run_over(&client(Legs::Three), &server(Legs::Three), |at, token| {
        if at > 0 {
            return token;
        }
        let message = NegTokenInit::parse(&token).unwrap();
        NegTokenInit { mech_list_mic: Some(&[0; 16]), ..message }.encode().unwrap()
    });
    assert_eq!(exchange.server_error(), Some(&Error::OutOfTurn("a mechListMIC")));
}

#[test]
fn a_second_signature_is_refused() {
    // The server signs with the answer that is not the last, and once more with the last.
    let mut initiator = begin(&client(Legs::Three)).unwrap();
    let mut acceptor = kerberos::server(Legs::Three).acceptor(AuthType::Kerberos, LEVEL).unwrap();
    let first = initiator.step(None).unwrap().token.unwrap();
    let list = NegTokenInit::parse(&first).unwrap().mech_types;
    acceptor.step(b"ticket").unwrap();
    let mut server = acceptor.step(b"third").unwrap().established.unwrap();
    let message = |mechanism: Option<Mechanism>, token: Option<&[u8]>, mic: &[u8]| {
        let message = NegTokenResp {
            state: Some(NegState::AcceptIncomplete),
            supported_mech: mechanism.map(MechType::from),
            response_token: token,
            mech_list_mic: Some(mic),
        };
        message.encode().unwrap()
    };
    let mic = server.context.sign_mechanisms(list.as_der()).unwrap();
    let name = Some(Mechanism::MsKerberos);
    initiator.step(Some(&message(name, Some(b"answer"), &mic))).unwrap();
    let mic = server.context.sign_mechanisms(list.as_der()).unwrap();
    let error = initiator.step(Some(&message(None, None, &mic))).unwrap_err();
    assert_eq!(error, Error::OutOfTurn("a second mechListMIC"));
}

#[test]
fn a_mechanism_needs_its_tokens_and_no_more() {
    let mut initiator = begin(&client(Legs::Three)).unwrap();
    initiator.step(None).unwrap();
    let input = answer(NegState::AcceptIncomplete, Some(Mechanism::MsKerberos), None);
    let error = initiator.step(Some(&input)).unwrap_err();
    assert_eq!(error, Failure::NoToken(AuthType::Kerberos).into());

    let mut initiator = begin(&client(Legs::Three)).unwrap();
    initiator.step(None).unwrap();
    let name = Some(Mechanism::MsKerberos);
    let input = answer(NegState::AcceptIncomplete, name, Some(b"answer"));
    initiator.step(Some(&input)).unwrap();
    let input = answer(NegState::AcceptCompleted, None, Some(b"answer"));
    let error = initiator.step(Some(&input)).unwrap_err();
    assert_eq!(error, Error::OutOfTurn("a token of the mechanism after its last one"));

    // A server that wants to go on when there is nothing more.
    let mut initiator = begin(&client(Legs::Three)).unwrap();
    initiator.step(None).unwrap();
    let input = answer(NegState::AcceptIncomplete, name, Some(b"answer"));
    initiator.step(Some(&input)).unwrap();
    let input = answer(NegState::AcceptIncomplete, None, None);
    let error = initiator.step(Some(&input)).unwrap_err();
    assert!(matches!(error, Error::OutOfTurn(_)), "{error}");

    let mut acceptor = ntlm_only_server().acceptor(AuthType::Spnego, LEVEL).unwrap();
    let first = begin(&client(Legs::Three)).unwrap().step(None).unwrap().token.unwrap();
    acceptor.step(&first).unwrap();
    let error = acceptor.step(&answer(NegState::AcceptIncomplete, None, None)).unwrap_err();
    assert_eq!(error, Failure::NoToken(AuthType::Ntlm).into());
}

#[test]
fn negotiations_are_not_nested() {
    // SPNEGO as a mechanism of SPNEGO is one that nobody here has.
    let mut first = begin(&client(Legs::Three)).unwrap().step(None).unwrap().token.unwrap();
    let ms_kerberos = Mechanism::MsKerberos.oid();
    let at = first.windows(9).position(|bytes| bytes == ms_kerberos.as_bytes()).unwrap();
    // Of the same length: 1.3.6.1.5.5.2.1.1.1.
    first[at..at + 9].copy_from_slice(&[0x2b, 6, 1, 5, 5, 2, 1, 1, 1]);
    let mut acceptor = server(Legs::Three).acceptor(AuthType::Spnego, LEVEL).unwrap();
    let token = acceptor.step(&first).unwrap().token.unwrap();
    let chosen = NegTokenResp::parse(&token).unwrap().supported_mech.unwrap();
    assert_eq!(chosen.mechanism(), Some(Mechanism::Kerberos));

    let spnego = Authenticator::new(Arc::new(ntlm_only_server()));
    assert!(spnego.acceptor(AuthType::Spnego, LEVEL).is_none(), "it has no mechanism");
}

#[test]
fn no_flipped_bit_and_no_cut_does_harm() {
    for (source, server, tokens) in exchanges() {
        for (leg, token) in tokens.iter().enumerate() {
            for place in 0..token.len() {
                for bit in 0..8 {
                    let flip = |at, mut token: Vec<u8>| {
                        if at == leg && place < token.len() {
                            token[place] ^= 1 << bit;
                        }
                        token
                    };
                    let exchange = Exchange::run_over(&source, &server, flip);
                    if let (Some(Ok(client)), Some(Ok(server))) = (exchange.client, exchange.server)
                        && tokens.len() > 4
                    {
                        // A second choice: nobody is deceived about it.
                        talk(client, server);
                    }
                }
                let cut = |at, mut token: Vec<u8>| {
                    if at == leg {
                        token.truncate(place);
                    }
                    token
                };
                let exchange = Exchange::run_over(&source, &server, cut);
                let receiver = if leg % 2 == 0 { &exchange.server } else { &exchange.client };
                let hinted = leg == 0 && place == 0;
                assert!(hinted || matches!(receiver, Some(Err(_))), "leg {leg} cut at {place}");
            }
        }
    }
}
