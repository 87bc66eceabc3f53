//! Client and server in one process.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "common/world.rs"]
mod world;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep};
use uuid::Uuid;
use winreach_dcom::Status;
use winreach_dcom::client::{AddressPolicy, Client, ErrorKind, Step};
use winreach_dcom::server::Limits;
use winreach_dcom::wire::activator::{self, ActivationResponse};
use winreach_dcom::wire::object_exporter::{self, ServerAlive2Response};
use winreach_dcom::wire::{
    ActivationProperties, ComVersion, ObjRef, ObjRefBody, Property, ScmReplyInfo, StdObjRef, iid,
    rem_unknown,
};
use winreach_ndr::{Decoder, Encode, Encoder};
use winreach_rpc::server::Request;
use world::{
    ABSENT, ANOTHER, CALCULATOR, CLASS, EXPORTER_PORT, NAMED, RESOLVER_PORT, STALL, World, another,
    calculator, double, reference, soon,
};

fn encoded(value: &impl Encode) -> Bytes {
    let mut encoder = Encoder::new();
    encoder.put(value);
    encoder.finish().into()
}

/// A world in which the server's answers to activations are changed on their way.
fn with_activation(
    change: impl Fn(&mut StdObjRef, &mut ScmReplyInfo) + Send + Sync + 'static,
) -> Arc<World> {
    let alter = move |request: &Request, results: Bytes| {
        if request.interface.uuid != iid::REMOTE_SCM_ACTIVATOR {
            return results;
        }
        let mut response: ActivationResponse = Decoder::new(&results).get().unwrap();
        let answer = response.properties.0.as_ref().unwrap();
        let mut answer = ActivationProperties::from_answer(answer).unwrap();
        let [Property::PropsOut(objects), Property::ScmReply(exporter)] =
            &mut answer.properties[..]
        else {
            panic!("{answer:?}");
        };
        let ObjRefBody::Standard { std, .. } =
            &mut objects.interfaces[0].reference.0.as_mut().unwrap().body
        else {
            panic!("{objects:?}");
        };
        change(std, exporter);
        response.properties = answer.to_answer().into();
        encoded(&response)
    };
    World::with(Limits::default(), Box::new(alter))
}

#[tokio::test]
async fn an_object_is_activated_and_called_in_four_round_trips() {
    let world = World::new();
    let client = world.alice();
    let calculator = calculator(&client).await.unwrap();
    assert_eq!(world.trips(), 2, "bind; end of the authentication together with the activation");
    assert_eq!(double(&calculator, 21).await.unwrap(), 42);
    assert_eq!(world.trips(), 4, "bind; end of the authentication together with the call");
    assert_eq!(double(&calculator, 4).await.unwrap(), 8);
    assert_eq!(world.trips(), 5);
}

#[tokio::test]
async fn a_second_object_of_the_same_host_uses_the_connections_of_the_first() {
    let world = World::new();
    let client = world.alice();
    let first = calculator(&client).await.unwrap();
    double(&first, 1).await.unwrap();
    let second = calculator(&client).await.unwrap();
    assert_eq!(double(&second, 2).await.unwrap(), 4);
    assert_eq!(world.trips(), 6);
    assert_eq!(world.dialled.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn dropped_handles_are_given_back_in_one_call() {
    let world = World::new();
    let client = world.alice();
    let first = calculator(&client).await.unwrap();
    let named = first.query_interface(NAMED, soon()).await.unwrap();
    let other = first.adopt(&another(&first).await.unwrap()).unwrap();
    assert_eq!(world.exporter.len(), 2);
    drop((first.clone(), named, other));
    client.settle(soon()).await;
    assert_eq!(world.exporter.len(), 1, "the first calculator is still held");
    drop(first);
    client.settle(soon()).await;
    assert_eq!(world.exporter.len(), 0);
    assert_eq!(world.count(iid::REM_UNKNOWN2, rem_unknown::opnum::REM_RELEASE), 2);
}

#[tokio::test]
async fn a_handle_can_be_given_back_with_an_answer() {
    let world = World::new();
    let client = world.alice();
    let calculator = calculator(&client).await.unwrap();
    double(&calculator, 1).await.unwrap();
    let clone = calculator.clone();
    calculator.release(soon()).await.unwrap();
    assert_eq!(world.exporter.len(), 1);
    clone.release(soon()).await.unwrap();
    assert_eq!(world.exporter.len(), 0);
    client.settle(soon()).await;
    assert_eq!(world.count(iid::REM_UNKNOWN2, rem_unknown::opnum::REM_RELEASE), 1);
}

#[tokio::test]
async fn an_object_tells_which_interfaces_it_has() {
    let world = World::new();
    let calculator = calculator(&world.alice()).await.unwrap();
    let named = calculator.query_interface(NAMED, soon()).await.unwrap();
    assert_eq!(named.iid(), NAMED);
    assert_eq!(named.identity().oid, calculator.identity().oid);
    assert_ne!(named.identity().ipid, calculator.identity().ipid);
    let error = calculator.query_interface(ABSENT, soon()).await.unwrap_err();
    assert_eq!(error.status(), Some(Status::E_NOINTERFACE));
    assert_eq!(error.step, Step::QueryInterface { iid: ABSENT });
}

#[tokio::test]
async fn an_interface_that_was_not_preloaded_is_agreed_on_later() {
    let world = World::new();
    let calculator = calculator(&world.alice()).await.unwrap();
    double(&calculator, 1).await.unwrap();
    let named = calculator.query_interface(NAMED, soon()).await.unwrap();
    let error = named.call(9, |_| {}, soon()).await.unwrap_err();
    assert_eq!(error.status(), Some(Status::RPC_S_PROCNUM_OUT_OF_RANGE), "{error}");
}

#[tokio::test]
async fn classes_and_interfaces_that_are_not_there_are_refused() {
    let world = World::new();
    let client = world.alice();
    let error = client.activate("dc1", ABSENT, &[CALCULATOR], soon()).await.unwrap_err();
    assert_eq!(error.status(), Some(Status::REGDB_E_CLASSNOTREG));
    assert_eq!(
        error.to_string(),
        format!("activating class {ABSENT}: REGDB_E_CLASSNOTREG (0x80040154)")
    );
    assert!(error.advice().is_some());
    for iids in [&[ABSENT][..], &[CALCULATOR, ABSENT]] {
        let error = client.activate("dc1", CLASS, iids, soon()).await.unwrap_err();
        assert_eq!(error.status(), Some(Status::E_NOINTERFACE));
    }
    let error = client.activate("dc1", CLASS, &[], soon()).await.unwrap_err();
    assert_eq!(error.status(), Some(Status::E_INVALIDARG));
    client.settle(soon()).await;
}

#[tokio::test]
async fn what_does_not_exist_cannot_be_called() {
    let world = World::new();
    let calculator = calculator(&world.alice()).await.unwrap();
    let unknown = StdObjRef { ipid: Uuid::new_v4(), ..*calculator.identity() };
    let unknown = ObjRef::standard(CALCULATOR, unknown, Default::default());
    let unknown = calculator.adopt(&unknown).unwrap();
    let error = double(&unknown, 1).await.unwrap_err();
    assert_eq!(error.status(), Some(Status::RPC_E_DISCONNECTED));
    let error = unknown.query_interface(NAMED, soon()).await.unwrap_err();
    assert_eq!(error.status(), Some(Status::RPC_E_INVALID_OBJECT));
}

/// aiowmi calls every object in the presentation context of the first interface.
#[tokio::test]
async fn the_identifier_says_which_interface_is_meant() {
    let world = World::new();
    let calculator = calculator(&world.alice()).await.unwrap();
    let in_another_context = ObjRef::standard(NAMED, *calculator.identity(), Default::default());
    let in_another_context = calculator.adopt(&in_another_context).unwrap();
    assert_eq!(double(&in_another_context, 4).await.unwrap(), 8);
}

#[tokio::test]
async fn nobody_can_use_the_reference_of_somebody_else() {
    let world = World::new();
    let (alice, bob) = (world.alice(), world.bob());
    let hers = calculator(&alice).await.unwrap();
    let his = calculator(&bob).await.unwrap();
    let stolen = ObjRef::standard(CALCULATOR, *hers.identity(), Default::default());
    let stolen = his.adopt(&stolen).unwrap();
    assert_eq!(double(&stolen, 1).await.unwrap_err().status(), Some(Status::E_ACCESSDENIED));
    let error = stolen.query_interface(NAMED, soon()).await.unwrap_err();
    assert_eq!(error.status(), Some(Status::E_ACCESSDENIED));
    // Nor can he let go of what is hers.
    stolen.release(soon()).await.unwrap();
    assert_eq!(double(&hers, 2).await.unwrap(), 4);
}

#[tokio::test]
async fn a_wrong_password_is_an_error_of_the_authentication() {
    let world = World::new();
    for (user, password) in [("alice", "guess"), ("mallory", "open sesame")] {
        let client = Client::new(world.options(user, password));
        for _ in 0..2 {
            let error = calculator(&client).await.unwrap_err();
            let step = Step::Authenticate { address: "dc1.corp.example:135".into() };
            assert_eq!((error.step.clone(), error.status()), (step, Some(Status(5))), "{error}");
        }
    }
    assert_eq!(world.exporter.len(), 0);
}

#[tokio::test]
async fn a_closed_port_is_an_error_of_the_connection() {
    let world = World::new();
    world.cut();
    let error = calculator(&world.alice()).await.unwrap_err();
    assert_eq!(error.step, Step::Connect { address: "dc1.corp.example:135".into() });
    assert!(error.to_string().contains("connection refused"), "{error}");
}

#[tokio::test]
async fn the_exporter_is_looked_for_at_the_named_host_first_and_then_as_the_server_says() {
    let world = World::new();
    let named = ("dc1.corp.example".to_owned(), EXPORTER_PORT);
    let advertised = ("DC1".to_owned(), EXPORTER_PORT);
    world.closed.lock().unwrap().push(named.clone());
    let client = world.alice();
    double(&calculator(&client).await.unwrap(), 1).await.unwrap();
    assert_eq!(world.dialled.lock().unwrap()[1..], [named.clone(), advertised.clone()]);

    world.closed.lock().unwrap().push(advertised.clone());
    let client = world.alice();
    let error = double(&calculator(&client).await.unwrap(), 1).await.unwrap_err();
    assert!(matches!(error.step, Step::ConnectExporter { .. }), "{error}");
    let ErrorKind::Unreachable(tried) = &error.kind else { panic!("{error}") };
    let tried: Vec<&str> = tried.iter().map(|attempt| attempt.address.as_str()).collect();
    assert_eq!(tried, ["dc1.corp.example:49666", "DC1:49666"]);

    world.closed.lock().unwrap().clear();
    world.dialled.lock().unwrap().clear();
    let mut options = world.options("alice", "open sesame");
    options.addresses = AddressPolicy::Advertised;
    double(&calculator(&Client::new(options)).await.unwrap(), 1).await.unwrap();
    assert_eq!(world.dialled.lock().unwrap()[1..], [advertised]);
}

#[tokio::test]
async fn an_exporter_that_is_not_known_is_asked_for_at_the_resolver() {
    // The activation tells of an exporter that is not the one in the references.
    let world = with_activation(|std, exporter| {
        exporter.oxid ^= 1;
        std.oxid ^= 1;
    });
    let client = world.alice();
    let calculator = calculator(&client).await.unwrap();
    let other = calculator.adopt(&another(&calculator).await.unwrap()).unwrap();
    assert_ne!(other.identity().oxid, calculator.identity().oxid);
    assert_eq!(double(&other, 5).await.unwrap(), 10);
    let resolved = (iid::OBJECT_EXPORTER, object_exporter::opnum::RESOLVE_OXID2);
    assert_eq!(world.count(resolved.0, resolved.1), 1);

    let nowhere = StdObjRef { oxid: 7, ..*calculator.identity() };
    let nowhere = ObjRef::standard(CALCULATOR, nowhere, Default::default());
    let error = double(&calculator.adopt(&nowhere).unwrap(), 1).await.unwrap_err();
    assert_eq!(error.status(), Some(Status::OR_INVALID_OXID));
    assert_eq!(error.step, Step::ResolveExporter { oxid: 7 });
}

#[tokio::test]
async fn an_object_without_references_gets_some_before_it_is_called() {
    let world = with_activation(|std, _| std.public_refs = 0);
    let client = world.alice();
    let calculator = calculator(&client).await.unwrap();
    assert_eq!(double(&calculator, 3).await.unwrap(), 6);
    assert_eq!(double(&calculator, 4).await.unwrap(), 8);
    assert_eq!(world.count(iid::REM_UNKNOWN2, rem_unknown::opnum::REM_ADD_REF), 1);
}

#[tokio::test]
async fn the_version_is_agreed_on_where_the_server_speaks_an_older_one() {
    let older = ComVersion { major: 5, minor: 6 };
    let alter =
        move |request: &Request, results: Bytes| match (request.interface.uuid, request.opnum) {
            (iid::REMOTE_SCM_ACTIVATOR, activator::opnum::REMOTE_CREATE_INSTANCE) => {
                let this: winreach_dcom::wire::OrpcThis =
                    Decoder::new(&request.stub).get().unwrap();
                if this.version <= older {
                    return results;
                }
                let mut response: ActivationResponse = Decoder::new(&results).get().unwrap();
                response.properties.0 = None;
                response.hresult = Status::RPC_E_VERSION_MISMATCH.0;
                encoded(&response)
            }
            (iid::OBJECT_EXPORTER, object_exporter::opnum::SERVER_ALIVE2) => {
                let mut response: ServerAlive2Response = Decoder::new(&results).get().unwrap();
                response.version = older;
                encoded(&response)
            }
            _ => results,
        };
    let world = World::with(Limits::default(), Box::new(alter));
    let client = world.alice();
    double(&calculator(&client).await.unwrap(), 1).await.unwrap();
    assert_eq!(world.count(iid::OBJECT_EXPORTER, object_exporter::opnum::SERVER_ALIVE2), 1);
}

#[tokio::test]
async fn a_server_that_stalls_meets_the_deadline() {
    let world = World::new();
    let calculator = calculator(&world.alice()).await.unwrap();
    let deadline = Instant::now() + Duration::from_millis(50);
    let error = calculator.call(STALL, |_| {}, deadline).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(error.step, Step::Call { iid: CALCULATOR, opnum: STALL });
    assert_eq!(double(&calculator, 1).await.unwrap(), 2, "the connection lives on");
}

#[tokio::test]
async fn a_reference_by_value_cannot_be_called() {
    let world = World::new();
    let calculator = calculator(&world.alice()).await.unwrap();
    let by_value = ObjRef::custom(CALCULATOR, CLASS, vec![1, 2, 3]);
    let error = calculator.adopt(&by_value).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::ByValue), "{error}");
}

#[tokio::test]
async fn an_account_holds_no_more_than_it_may() {
    let limits = Limits { objects: 2, ..Limits::default() };
    let world = World::with(limits, Box::new(|_, results| results));
    let (alice, bob) = (world.alice(), world.bob());
    let first = calculator(&alice).await.unwrap();
    let second = first.adopt(&another(&first).await.unwrap()).unwrap();
    let reply = first.call(ANOTHER, |_| {}, soon()).await.unwrap();
    assert_eq!(reference(&reply), Err(Status::E_OUTOFMEMORY));
    calculator(&bob).await.expect("others have their own limits");
    drop(second);
    alice.settle(soon()).await;
    another(&first).await.expect("what is given back makes room");

    let limits = Limits { references: 7, ..Limits::default() };
    let world = World::with(limits, Box::new(|_, results| results));
    let first = calculator(&world.alice()).await.unwrap();
    let error = first.query_interface(NAMED, soon()).await.unwrap_err();
    assert_eq!(error.status(), Some(Status::E_OUTOFMEMORY));
}

#[tokio::test]
async fn an_activation_answer_that_is_cut_is_an_error() {
    let length = {
        let world = World::new();
        calculator(&world.alice()).await.unwrap();
        500
    };
    for cut in (0..length).step_by(23) {
        let alter = move |request: &Request, results: Bytes| {
            if request.interface.uuid == iid::REMOTE_SCM_ACTIVATOR {
                return results.slice(..cut.min(results.len() - 1));
            }
            results
        };
        let world = World::with(Limits::default(), Box::new(alter));
        let error = calculator(&world.alice()).await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Malformed(_)), "cut at {cut}: {error}");
    }
}

#[tokio::test]
async fn any_other_answer_that_is_cut_or_flipped_is_survived() {
    type Change = fn(&mut Vec<u8>, usize);
    let cut: Change = |bytes, at| bytes.truncate(at);
    let flip: Change = |bytes, at| bytes[at / 8] ^= 1 << (at % 8);
    for (change, steps) in [(cut, 0..68), (flip, 0..68 * 8)] {
        for at in steps {
            let alter = move |request: &Request, results: Bytes| {
                let unchanged = request.interface.uuid == iid::REMOTE_SCM_ACTIVATOR;
                if unchanged || results.len() <= at / 8 {
                    return results;
                }
                let mut bytes = results.to_vec();
                change(&mut bytes, at);
                bytes.into()
            };
            let world = World::with(Limits::default(), Box::new(alter));
            let calculator = calculator(&world.alice()).await.unwrap();
            let _ = calculator.call(world::DOUBLE, |stub| stub.u32(1), soon()).await;
            let _ = calculator.query_interface(NAMED, soon()).await;
            let _ = calculator.release(soon()).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_at_once_share_one_connection() {
    let world = World::new();
    let calculator = calculator(&world.alice()).await.unwrap();
    let calls: Vec<_> = (0..50u32)
        .map(|number| {
            let calculator = calculator.clone();
            tokio::spawn(async move { double(&calculator, number).await })
        })
        .collect();
    for (number, call) in (0..).zip(calls) {
        assert_eq!(call.await.unwrap().unwrap(), number * 2);
    }
    assert_eq!(world.dialled.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_connection_that_breaks_is_made_anew_with_the_next_call() {
    let world = World::new();
    let calculator = calculator(&world.alice()).await.unwrap();
    double(&calculator, 1).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let stalled = calculator.clone();
    let call = tokio::spawn(async move { stalled.call(STALL, |_| {}, deadline).await });
    while world.count(CALCULATOR, STALL) == 0 {
        tokio::task::yield_now().await;
    }
    world.cut();
    let error = call.await.unwrap().unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Rpc(_)) && !error.is_timeout(), "{error}");
    let error = double(&calculator, 1).await.unwrap_err();
    assert!(matches!(error.step, Step::ConnectExporter { .. }), "{error}");
    world.unreachable.store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(double(&calculator, 4).await.unwrap(), 8);
}

#[tokio::test(start_paused = true)]
async fn an_object_lives_as_long_as_it_is_pinged() {
    let world = World::new();
    let client = world.alice();
    let calculator = calculator(&client).await.unwrap();
    let other = calculator.adopt(&another(&calculator).await.unwrap()).unwrap();
    let exporter = world.exporter.clone();
    let sweeper = tokio::spawn(async move { exporter.sweep_regularly().await });

    sleep(Duration::from_secs(3600)).await;
    assert_eq!(world.exporter.len(), 2);
    assert_eq!(double(&other, 4).await.unwrap(), 8, "over a new connection: the old one was idle");
    let pings = |opnum| world.count(iid::OBJECT_EXPORTER, opnum);
    assert_eq!(pings(object_exporter::opnum::COMPLEX_PING), 1, "one set for both objects");
    assert!((28..=30).contains(&pings(object_exporter::opnum::SIMPLE_PING)));

    drop(other);
    sleep(Duration::from_secs(130)).await;
    assert_eq!(world.exporter.len(), 1);
    assert_eq!(pings(object_exporter::opnum::COMPLEX_PING), 2, "the set has changed");

    world.cut();
    sleep(Duration::from_secs(300)).await;
    assert_eq!(world.exporter.len(), 1, "two pings that are missing cost nothing");
    sleep(Duration::from_secs(300)).await;
    assert_eq!(world.exporter.len(), 0);
    sweeper.abort();
}

#[tokio::test(start_paused = true)]
async fn a_short_session_is_not_pinged() {
    let world = World::new();
    let client = world.alice();
    let calculator = calculator(&client).await.unwrap();
    double(&calculator, 1).await.unwrap();
    sleep(Duration::from_secs(100)).await;
    drop(calculator);
    sleep(Duration::from_secs(600)).await;
    assert_eq!(world.exporter.len(), 0);
    assert_eq!(world.count(iid::OBJECT_EXPORTER, object_exporter::opnum::COMPLEX_PING), 0);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_runs_keeps_its_object() {
    let world = World::new();
    let client = world.alice();
    let calculator = calculator(&client).await.unwrap();
    let identity = *calculator.identity();
    let deadline = Instant::now() + Duration::from_secs(2000);
    let stalled = calculator.clone();
    let call = tokio::spawn(async move { stalled.call(STALL, |_| {}, deadline).await.is_err() });
    sleep(Duration::from_secs(1)).await;
    world.exporter.sweep(Instant::now() + Duration::from_secs(1000));
    assert_eq!(world.exporter.len(), 1, "{identity:?}");
    assert!(call.await.unwrap());
}

#[tokio::test]
async fn the_resolver_answers_what_tools_ask() {
    use winreach_dcom::wire::endpoint_mapper::{
        self, ENDPOINT_MAPPER, EptMap, EptMapResponse, InterfaceId, NOT_REGISTERED, Tower,
    };
    use winreach_dcom::wire::object_exporter::{ResolveOxid, StatusResponse, opnum};
    use winreach_rpc::client::{Call, Config, Connection};
    use winreach_rpc::{Fault, SyntaxId};

    let world = World::new();
    let exporter = SyntaxId::new(iid::OBJECT_EXPORTER, 0, 0);
    let mapper = SyntaxId::new(ENDPOINT_MAPPER, 3, 0);
    let stream = world.dial("dc1", RESOLVER_PORT).unwrap();
    let connection = Connection::open(stream, &[exporter, mapper], None, Config::default(), soon())
        .await
        .unwrap();
    let call = async |interface, opnum, stub| {
        connection.call(Call { interface, opnum, object: None, stub }, soon()).await
    };

    let alive = call(exporter, opnum::SERVER_ALIVE, Bytes::new()).await.unwrap();
    assert_eq!(Decoder::new(&alive).get(), Ok(StatusResponse { status: 0 }));
    let alive = call(exporter, opnum::SERVER_ALIVE2, Bytes::new()).await.unwrap();
    let alive: ServerAlive2Response = Decoder::new(&alive).get().unwrap();
    assert_eq!(alive.version, ComVersion::CURRENT);
    assert_eq!(alive.bindings.0.unwrap().strings[0].address, "DC1");

    let request = encoded(&ResolveOxid { oxid: 1, protocols: vec![7].into() });
    let error = call(exporter, opnum::RESOLVE_OXID2, request).await.unwrap_err();
    assert_eq!(error.fault(), Some(Fault::ACCESS_DENIED));
    let error = call(exporter, 6, Bytes::new()).await.unwrap_err();
    assert_eq!(error.fault(), Some(Fault::OP_RANGE_ERROR));

    let ask = |uuid| EptMap {
        object: winreach_ndr::Unique::null(),
        tower: winreach_ndr::Unique::some(Tower::tcp(
            InterfaceId { uuid, major: 0, minor: 0 },
            0,
            [0; 4],
        )),
        handle: [0; 5],
        max_towers: 4,
    };
    let mut answers = Vec::new();
    for uuid in [iid::OBJECT_EXPORTER, ABSENT] {
        let stub = encoded(&ask(uuid));
        let stub = call(mapper, endpoint_mapper::opnum::EPT_MAP, stub).await.unwrap();
        answers.push(Decoder::new(&stub).get::<EptMapResponse>().unwrap());
    }
    let tower = answers[0].towers.elements[0].0.clone().unwrap();
    assert_eq!(tower.interface().unwrap().uuid, iid::OBJECT_EXPORTER);
    assert_eq!((answers[0].count, answers[0].status), (1, 0));
    assert_eq!((answers[1].count, answers[1].status), (0, NOT_REGISTERED));
}
