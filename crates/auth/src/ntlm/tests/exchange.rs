//! Who gets in and who does not.

use super::*;
use crate::{ImpersonationLevel, Pdu, Problem, SecurityContext as _};

#[test]
fn every_level_authenticates() {
    for level in LEVELS {
        let (client, server) =
            exchange(&mut *initiator(level), &mut *acceptor(level)).expect("an exchange");
        assert_eq!(server.identity.user, USER, "{level}");
        assert_eq!(server.identity.auth_type, AuthType::Ntlm);
        assert_eq!(server.identity.impersonation, ImpersonationLevel::Impersonate);
        assert_eq!(server.identity.workstation, None);
        assert_eq!(client.identity.user, USER);
    }
}

#[test]
fn only_what_the_level_takes_is_offered() {
    let offered = |level| {
        let token = initiator(level).step(None).unwrap().token.unwrap();
        Negotiate::parse(&token).unwrap().flags
    };
    for level in LEVELS {
        let flags = offered(level);
        assert_eq!(flags.contains(NegotiateFlags::SIGN), level.signs(), "{level}");
        assert_eq!(flags.contains(NegotiateFlags::SEAL), level.seals(), "{level}");
        assert!(!flags.intersects(NegotiateFlags::LM_KEY | NegotiateFlags::OEM), "{level}");
    }
}

#[test]
fn the_authenticate_is_that_of_windows_10() {
    let mut seen = Vec::new();
    exchange_over(
        &mut *initiator(AuthLevel::Privacy),
        &mut *acceptor(AuthLevel::Privacy),
        |_, message| {
            seen.push(message.clone());
            message
        },
    )
    .unwrap();
    assert_eq!(seen[0].len(), 40);
    let message = Authenticate::parse(&seen[2]).unwrap();
    assert_eq!(message.flags.bits(), 0xe288_8235);
    assert_eq!(message.lm_response, [0; 24]);
    assert_eq!(message.encrypted_session_key.len(), 16);
    assert!(message.mic.is_some_and(|mic| mic != [0; 16]));
    let answer = ClientChallenge::parse(&message.nt_response[16..]).unwrap();
    let pairs = answer.target_info;
    let ids: Vec<u16> = pairs.iter().map(|(id, _)| id.0).collect();
    assert_eq!(ids, [2, 1, 4, 3, 7, 6, 8, 10, 9]);
    assert_eq!(pairs.flags(), AvFlags::MIC | AvFlags::UNTRUSTED_SPN);
    assert_eq!(pairs.timestamp(), Some(answer.time));
    assert_eq!(pairs.get(AvId::SINGLE_HOST).map(<[u8]>::len), Some(48));
    assert_eq!(pairs.get(AvId::CHANNEL_BINDINGS), Some([0; 16].as_slice()));
    assert_eq!(pairs.text(AvId::TARGET_NAME).as_deref(), Some(SPN));
    assert_eq!(pairs.text(AvId::DNS_DOMAIN_NAME).as_deref(), Some("example.com"));
}

#[test]
fn a_server_without_clock_gets_an_lm_v2_response_and_no_mic() {
    let mut initiator = initiator(AuthLevel::Privacy);
    initiator.step(None).unwrap();
    let challenge = Challenge {
        flags: NegotiateFlags::all(),
        server_challenge: [3; 8],
        target_name: "OLD".into(),
        target_info: Some(TargetInfo::new()),
        version: None,
    };
    let token = initiator.step(Some(&challenge.encode().unwrap())).unwrap().token.unwrap();
    let message = Authenticate::parse(&token).unwrap();
    let answer = ClientChallenge::parse(&message.nt_response[16..]).unwrap();
    let key = NtHash::of_password(PASSWORD).response_key("", USER);
    assert_eq!(message.lm_response, key.lm_response(&[3; 8], &answer.nonce));
    assert_eq!(message.mic, None);
    assert_eq!(answer.target_info.get(AvId::FLAGS), None);
    // 2020-01-01 as a FILETIME.
    assert!(answer.time > 132_223_104_000_000_000);
}

#[test]
fn a_wrong_password_and_an_unknown_user_are_told_the_same() {
    for level in LEVELS {
        for (account, password) in [
            (USER, "open sesame"),
            (USER, ""),
            ("mallory", PASSWORD),
            ("mallory", ""),
            ("EXAMPLE\\mallory", "x"),
        ] {
            let mut initiator = source(account, password).begin(SPN, level).unwrap();
            let result = exchange(&mut *initiator, &mut *acceptor(level));
            assert_eq!(result.err(), Some(Error::LogonDenied), "{account} at {level}");
        }
    }
}

#[test]
fn the_all_zero_hash_of_an_unknown_user_is_no_way_in() {
    // The proof that an acceptor works out for an account it does not know.
    struct Nobody;
    impl Accounts for Nobody {
        fn nt_hash(&self, _: &str, _: &str) -> Option<NtHash> {
            None
        }
    }
    let server = Authenticator::new(Arc::new(Nobody), target());
    let mut acceptor = server.acceptor(AuthType::Ntlm, AuthLevel::Connect).unwrap();
    let client = TestClient::new("");
    let challenge = acceptor.step(&client.negotiate()).unwrap().token.unwrap();
    let challenge = Challenge::parse(&challenge).unwrap();
    let covered =
        ClientChallenge { time: 0, nonce: [0; 8], target_info: challenge.target_info.unwrap() };
    let covered = covered.encode().unwrap();
    let key = NtHash::from_bytes([0; 16]).response_key("", "nobody");
    let proof = key.proof(&challenge.server_challenge, &covered);
    let message = Authenticate {
        lm_response: Vec::new(),
        nt_response: [proof.as_slice(), &covered].concat(),
        domain: String::new(),
        user: "nobody".into(),
        workstation: String::new(),
        encrypted_session_key: vec![0; 16],
        flags: challenge.flags,
        version: None,
        mic: None,
    };
    let result = acceptor.step(&message.encode().unwrap());
    assert_eq!(result.err(), Some(Error::LogonDenied));
}

#[test]
fn a_client_without_mic_gets_in_by_the_password_alone() {
    for level in LEVELS {
        let (established, _) = TestClient::new(PASSWORD).run(level).expect("an exchange");
        assert_eq!(established.identity.to_string(), "EXAMPLE\\Alice");
        for password in ["", "wrong", "ÖPEN SÉSAME"] {
            let result = TestClient::new(password).run(level);
            assert_eq!(result.err(), Some(Error::LogonDenied), "{level}");
        }
    }
}

#[test]
fn a_client_that_leaves_the_domain_out_of_its_proof_gets_in() {
    let mut client = TestClient::new(PASSWORD);
    client.proof_domain = String::new();
    assert!(client.run(AuthLevel::Connect).is_ok());
    client.proof_domain = "ELSEWHERE".into();
    assert_eq!(client.run(AuthLevel::Connect).err(), Some(Error::LogonDenied));
}

#[test]
fn accounts_are_asked_for_domain_and_user_in_every_form() {
    for (account, domain, user) in [
        ("alice", "", "alice"),
        ("EXAMPLE\\alice", "EXAMPLE", "alice"),
        (".\\alice", "", "alice"),
        ("alice@example.com", "example.com", "alice"),
        ("Älice@example.com", "example.com", "Älice"),
    ] {
        let accounts = Arc::new(Recorder::default());
        let server = Authenticator::new(Arc::clone(&accounts) as Arc<dyn Accounts>, target());
        let mut acceptor = server.acceptor(AuthType::Ntlm, AuthLevel::Privacy).unwrap();
        let mut initiator = source(account, PASSWORD)
            .with_workstation("LAPTOP")
            .begin(SPN, AuthLevel::Privacy)
            .unwrap();
        let (_, accepted) = exchange(&mut *initiator, &mut *acceptor).expect(account);
        assert_eq!(*accounts.0.lock().unwrap(), [(domain.to_owned(), user.to_owned())]);
        assert_eq!(accepted.identity.domain, domain);
        assert_eq!(accepted.identity.user, user);
        assert_eq!(accepted.identity.workstation.as_deref(), Some("LAPTOP"));
    }
}

#[test]
fn user_names_compare_without_regard_to_case() {
    let mut users = UserTable::new();
    users.insert("Müller-straße", NtHash::of_password("x"));
    assert!(users.nt_hash("", "mÜLLER-STRAßE").is_some());
    assert!(users.nt_hash("ANY", "müller-straße").is_some());
    assert!(users.nt_hash("", "müller-strasse").is_none());
}

#[test]
fn identify_is_told_to_the_server() {
    let mut initiator = source(USER, PASSWORD)
        .with_impersonation(ImpersonationLevel::Identify)
        .begin(SPN, AuthLevel::Connect)
        .unwrap();
    let (_, accepted) = exchange(&mut *initiator, &mut *acceptor(AuthLevel::Connect)).unwrap();
    assert_eq!(accepted.identity.impersonation, ImpersonationLevel::Identify);
}

#[test]
fn only_a_named_account_is_held_to_identify() {
    let sent = |source: Source| {
        let negotiate = source.begin(SPN, AuthLevel::Integrity).unwrap().step(None).unwrap().token;
        Negotiate::parse(&negotiate.unwrap()).unwrap().flags.contains(NegotiateFlags::IDENTIFY)
    };
    let alice = || source(USER, PASSWORD);
    assert!(!sent(alice()));
    assert!(!sent(Source::anonymous()));
    for level in [ImpersonationLevel::Anonymous, ImpersonationLevel::Identify] {
        assert!(sent(alice().with_impersonation(level)), "{level}");
        assert!(!sent(Source::anonymous().with_impersonation(level)), "{level}");
    }
}

#[test]
fn a_named_account_is_never_hidden_and_its_client_knows() {
    let source = source(USER, PASSWORD).with_impersonation(ImpersonationLevel::Anonymous);
    let mut initiator = source.begin(SPN, AuthLevel::Connect).unwrap();
    let (client, server) = exchange(&mut *initiator, &mut *acceptor(AuthLevel::Connect)).unwrap();
    assert_eq!(client.identity.impersonation, ImpersonationLevel::Identify);
    assert_eq!(server.identity.impersonation, ImpersonationLevel::Identify);
    assert_eq!(server.identity.user, USER);
    assert!(!client.mutual);
}

#[test]
fn ntlm_does_not_delegate() {
    for source in [source(USER, PASSWORD), Source::anonymous()] {
        let source = source.with_impersonation(ImpersonationLevel::Delegate);
        let refused = source.begin(SPN, AuthLevel::Privacy).err();
        assert_eq!(refused, Some(Error::NoDelegation(AuthType::Ntlm)));
        assert!(refused.unwrap().to_string().contains("Kerberos"));
    }
}

/// What nobody sends ([MS-NLMP] 3.3.2, 3.2.5.1.2 and note 28 of 2.2.2.5), and the keys of it.
#[test]
fn an_anonymous_client_proves_nothing_and_keeps_no_secret() {
    for level in LEVELS {
        let mut initiator = Source::anonymous().begin(SPN, level).unwrap();
        let negotiate = initiator.step(None).unwrap().token.unwrap();
        let challenge = acceptor(level).step(&negotiate).unwrap().token.unwrap();
        let last = initiator.step(Some(&challenge)).unwrap();
        let token = last.token.unwrap();
        let message = Authenticate::parse(&token).unwrap();
        assert_eq!((message.user.as_str(), message.domain.as_str()), ("", ""));
        assert_eq!((message.lm_response.as_slice(), message.nt_response.len()), (&[0][..], 0));
        assert!(message.flags.contains(NegotiateFlags::ANONYMOUS));
        assert!(message.mic.is_some_and(|mic| mic != [0; 16]));

        let mut established = last.established.unwrap();
        assert!(established.identity.is_anonymous() && !established.mutual);
        assert_eq!(established.identity.to_string(), "anonymous");
        assert_eq!(established.identity.impersonation, ImpersonationLevel::Anonymous);
        if level.signs() {
            // Whoever sees the exchange has the keys.
            let encrypted = message.encrypted_session_key.as_slice().try_into().unwrap();
            let key = keys::exchange_key(&[0; 16], encrypted);
            let mut server = Context::new(message.flags, &key, Sender::Server);
            let mut body = b"from nobody".to_vec();
            let mut mac = vec![0; 16];
            fn pdu(body: &mut [u8]) -> Pdu<'_> {
                Pdu { header: b"h", body, trailer: b"t", sign_header: true }
            }
            established.context.protect(level, pdu(&mut body), &mut mac).unwrap();
            server.unprotect(level, pdu(&mut body), &mac).unwrap();
            assert_eq!(body, b"from nobody");
        }
    }
}

#[test]
fn an_anonymous_client_is_refused_by_our_server() {
    for level in LEVELS {
        let mut initiator = Source::anonymous().begin(SPN, level).unwrap();
        let refused = exchange(&mut *initiator, &mut *acceptor(level)).err();
        assert_eq!(refused, Some(Error::AnonymousRefused), "{level}");
    }
}

#[test]
fn anonymous_callers_are_refused_on_both_sides() {
    let refused = source("", "").begin(SPN, AuthLevel::Connect);
    assert_eq!(refused.err(), Some(Error::AnonymousRefused));
    assert!(matches!(
        source("EXAMPLE\\", "x").begin(SPN, AuthLevel::Connect),
        Err(Error::AnonymousRefused)
    ));

    let mut client = TestClient::new("");
    client.edit_message = |message| {
        message.user.clear();
        message.domain.clear();
        message.nt_response.clear();
        message.lm_response = vec![0];
    };
    assert_eq!(client.run(AuthLevel::Connect).err(), Some(Error::AnonymousRefused));
    let mut client = TestClient::new(PASSWORD);
    client.edit_message = |message| message.flags |= NegotiateFlags::ANONYMOUS;
    assert_eq!(client.run(AuthLevel::Connect).err(), Some(Error::AnonymousRefused));
}

#[test]
fn earlier_versions_are_refused() {
    let mut client = TestClient::new(PASSWORD);
    client.edit_message = |message| message.nt_response = vec![0x5a; 24];
    assert!(matches!(client.run(AuthLevel::Connect).err(), Some(Error::WeakProtocol(_))));
    client.edit_message = |message| message.nt_response.clear();
    assert!(matches!(client.run(AuthLevel::Connect).err(), Some(Error::WeakProtocol(_))));
}

#[test]
fn channel_bindings_are_compared_where_the_server_has_one() {
    let ours = [0x11; 16];
    let server = server().with_channel_binding(ours);
    let attempt = |source: Source| {
        let mut acceptor = server.acceptor(AuthType::Ntlm, AuthLevel::Privacy).unwrap();
        let mut initiator = source.begin(SPN, AuthLevel::Privacy).unwrap();
        exchange(&mut *initiator, &mut *acceptor).err()
    };
    let source = source(USER, PASSWORD);
    assert_eq!(attempt(source.clone().with_channel_binding(ours)), None);
    let other = source.clone().with_channel_binding([0x12; 16]);
    assert_eq!(attempt(other), Some(Error::ChannelBinding));
    assert_eq!(attempt(source), Some(Error::ChannelBinding));
}

/// Clears `bits` in the flags that stand at `offset`.
fn without(bits: NegotiateFlags, offset: usize, mut message: Vec<u8>) -> Vec<u8> {
    let field = &mut message[offset..offset + 4];
    let flags = u32::from_le_bytes(field.try_into().unwrap()) & !bits.bits();
    field.copy_from_slice(&flags.to_le_bytes());
    message
}

#[test]
fn protection_dropped_on_the_way_is_refused() {
    use NegotiateFlags as F;
    let signed = [F::SIGN, F::KEY_128, F::EXTENDED_SESSION_SECURITY, F::KEY_EXCH];
    for level in LEVELS {
        let mut dropped = vec![F::UNICODE, F::EXTENDED_SESSION_SECURITY];
        if level.signs() {
            dropped.extend(signed);
        }
        if level.seals() {
            dropped.push(F::SEAL);
        }
        for bits in dropped {
            for (leg, offset) in [(1, 12), (2, 20), (3, 60)] {
                let result = exchange_over(
                    &mut *initiator(level),
                    &mut *acceptor(level),
                    |found, message| {
                        if found == leg { without(bits, offset, message) } else { message }
                    },
                );
                let error = result.err();
                assert!(
                    matches!(
                        error,
                        Some(Error::Downgrade { .. } | Error::Tampered | Error::Malformed { .. })
                    ),
                    "{bits:?} dropped in leg {leg} at {level}: {error:?}"
                );
            }
        }
    }
}

#[test]
fn the_acceptor_refuses_too_little_from_a_client_without_mic() {
    use NegotiateFlags as F;
    for bits in [F::SIGN, F::SEAL, F::KEY_128, F::EXTENDED_SESSION_SECURITY] {
        let mut client = TestClient::new(PASSWORD);
        client.offer.remove(bits);
        let refused = acceptor(AuthLevel::Privacy).step(&client.negotiate());
        assert!(matches!(refused, Err(Error::Downgrade { .. })), "{bits:?} not offered");
    }
    let edits: [fn(&mut Authenticate); 2] = [
        |message| message.flags.remove(NegotiateFlags::SEAL),
        |message| message.flags.remove(NegotiateFlags::KEY_128),
    ];
    for edit_message in edits {
        let client = TestClient { edit_message, ..TestClient::new(PASSWORD) };
        let result = client.run(AuthLevel::Privacy);
        assert!(matches!(result.err(), Some(Error::Downgrade { .. })), "dropped at the end");
    }
}

#[test]
fn the_initiator_says_what_the_server_dropped() {
    let mut initiator = initiator(AuthLevel::Privacy);
    let challenge = acceptor(AuthLevel::Privacy)
        .step(&initiator.step(None).unwrap().token.unwrap())
        .unwrap()
        .token
        .unwrap();
    let weak = without(NegotiateFlags::SEAL | NegotiateFlags::KEY_EXCH, 20, challenge);
    let error = initiator.step(Some(&weak)).unwrap_err();
    let Error::Downgrade { missing, level } = error else {
        panic!("{error}");
    };
    assert_eq!(level, AuthLevel::Privacy);
    assert!(missing.contains("SEAL") && missing.contains("KEY_EXCH"), "{missing}");
}

#[test]
fn a_challenge_that_was_changed_on_the_way_is_noticed() {
    // Without the timestamp the client sends no code that would show the change; the pairs that
    // it proves do.
    for dropped in [AvId::TIMESTAMP, AvId::NB_COMPUTER_NAME] {
        let result = exchange_over(
            &mut *initiator(AuthLevel::Connect),
            &mut *acceptor(AuthLevel::Connect),
            |leg, message| {
                if leg != 2 {
                    return message;
                }
                let mut challenge = Challenge::parse(&message).unwrap();
                let mut info = TargetInfo::new();
                for (id, value) in challenge.target_info.unwrap().iter() {
                    if id != dropped {
                        info.set(id, value.to_vec());
                    }
                }
                challenge.target_info = Some(info);
                challenge.encode().unwrap()
            },
        );
        assert_eq!(result.err(), Some(Error::Tampered));
    }
}

#[test]
fn an_answer_to_another_challenge_is_refused() {
    let mut client = TestClient::new(PASSWORD);
    client.edit_pairs = |pairs| pairs.set(AvId::TIMESTAMP, vec![0; 8]);
    assert_eq!(client.run(AuthLevel::Connect).err(), Some(Error::Tampered));
    client.edit_pairs = |pairs| pairs.set_text(AvId::NB_COMPUTER_NAME, "OTHER");
    assert_eq!(client.run(AuthLevel::Connect).err(), Some(Error::Tampered));
}

#[test]
fn a_mic_that_is_announced_must_be_there_and_right() {
    let mut client = TestClient::new(PASSWORD);
    client.mic = true;
    assert!(client.run(AuthLevel::Connect).is_ok());
    client.edit_message = |message| message.mic = None;
    assert!(matches!(
        client.run(AuthLevel::Connect).err(),
        Some(Error::Malformed { field: "MIC", problem: Problem::Missing, .. })
    ));
    let wiped = exchange_over(
        &mut *initiator(AuthLevel::Connect),
        &mut *acceptor(AuthLevel::Connect),
        |leg, mut message| {
            if leg == 3 {
                message[Authenticate::MIC].fill(0);
            }
            message
        },
    );
    assert_eq!(wiped.err(), Some(Error::Tampered));
}

#[test]
fn a_session_key_of_another_length_is_refused() {
    let mut client = TestClient::new(PASSWORD);
    client.edit_message = |message| message.encrypted_session_key.truncate(15);
    assert!(matches!(
        client.run(AuthLevel::Privacy).err(),
        Some(Error::Malformed { field: "EncryptedRandomSessionKey", .. })
    ));
}

#[test]
fn tokens_out_of_turn_end_the_exchange() {
    let mut client = initiator(AuthLevel::Connect);
    assert!(matches!(client.step(Some(b"NTLMSSP\0")), Err(Error::OutOfTurn(_))));
    assert!(matches!(client.step(None), Err(Error::OutOfTurn(_))));

    let mut server = acceptor(AuthLevel::Connect);
    assert!(server.step(b"").is_err());
    let negotiate = initiator(AuthLevel::Connect).step(None).unwrap().token.unwrap();
    assert!(matches!(server.step(&negotiate), Err(Error::OutOfTurn(_))));

    // A second guess takes a new exchange.
    let mut server = acceptor(AuthLevel::Connect);
    let mut wrong = source(USER, "wrong").begin(SPN, AuthLevel::Connect).unwrap();
    let challenge = server.step(&wrong.step(None).unwrap().token.unwrap()).unwrap();
    let answer = wrong.step(challenge.token.as_deref()).unwrap().token.unwrap();
    assert_eq!(server.step(&answer).err(), Some(Error::LogonDenied));
    assert!(matches!(server.step(&answer), Err(Error::OutOfTurn(_))));
}

#[test]
fn other_providers_get_no_acceptor() {
    let server = server();
    assert!(server.acceptor(AuthType::Kerberos, AuthLevel::Privacy).is_none());
    assert!(server.acceptor(AuthType::Ntlm, AuthLevel::None).is_none());
}
