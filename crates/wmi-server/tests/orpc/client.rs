//! A client that calls the methods of MS-WMI one by one.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;
use uuid::Uuid;
use winreach_auth::{AuthLevel, Credentials, ntlm};
use winreach_cim::Instance;
use winreach_dcom::client::{Client, Connector, Error, Options, Proxy};
use winreach_dcom::wire::ObjRef;
use winreach_wmi_proto::enumerator::Objects;
use winreach_wmi_proto::login::NTLMLogin;
use winreach_wmi_proto::services::{ExecQuery, GetObject, ObjectOrCall};
use winreach_wmi_proto::smart::{GetSmartEnum, Packet};
use winreach_wmi_proto::{
    ClassObject, Endian, Flags, HResult, Method, Parameters, Response, Slot, Timeout, enumerator,
    iid, smart,
};
use winreach_wmi_server::Server;
use winreach_wmi_server::accounts::AccountSet;
use winreach_wmio::{ClassMap, ObjectArray, PacketObject, Unit};

pub(crate) const PASSWORD: &str = "open sesame";

/// Accounts for alice and bob.
pub(crate) fn accounts() -> AccountSet {
    let mut accounts = AccountSet::new();
    for name in ["alice", "bob"] {
        accounts.set(name.parse().unwrap(), &SecretString::from(PASSWORD));
    }
    accounts
}

pub(crate) fn deadline() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

pub(crate) fn options(connector: impl Connector + 'static, user: &str, password: &str) -> Options {
    let credentials = Credentials::new(user, SecretString::from(password));
    Options {
        connector: Arc::new(connector),
        ..Options::new(Arc::new(ntlm::Source::new(credentials)))
    }
}

/// Activates the login object.
pub(crate) async fn activate(options: Options) -> Result<Proxy, Error> {
    let client = Client::new(options);
    let login = client
        .activate("server", iid::CLSID_LEVEL1_LOGIN, &[iid::LEVEL1_LOGIN], deadline())
        .await?;
    Ok(login.into_iter().next().unwrap())
}

/// A call whose fault is an error.
pub(crate) async fn try_call<M: Method>(
    proxy: &Proxy,
    request: &M,
) -> Result<Response<M::Out>, Error> {
    let reply = proxy.call(M::OPNUM, |stub| request.write(stub), deadline()).await?;
    Ok(Response::decode(reply.stub(), Endian::Little).unwrap())
}

pub(crate) async fn call<M: Method>(proxy: &Proxy, request: &M) -> Response<M::Out> {
    try_call(proxy, request).await.unwrap()
}

pub(crate) fn login_request(namespace: Option<&str>) -> NTLMLogin {
    NTLMLogin {
        network_resource: namespace.map(Into::into).into(),
        preferred_locale: None.into(),
        flags: 0,
        context: None,
    }
}

/// The services of `root\cimv2` for alice.
pub(crate) async fn services(server: &Server) -> Proxy {
    services_of(options(server.connector(), "alice", PASSWORD)).await
}

pub(crate) async fn services_of(options: Options) -> Proxy {
    let login = activate(options).await.unwrap();
    let response = call(&login, &login_request(Some(r"\\server\root\cimv2"))).await;
    adopt(&login, response)
}

/// Takes up what a successful call gave.
pub(crate) fn adopt(proxy: &Proxy, response: Response<Option<ObjRef>>) -> Proxy {
    assert_eq!(response.status, HResult::OK);
    proxy.adopt(&response.out.unwrap()).unwrap()
}

pub(crate) fn query_request(query: &str, flags: Flags) -> ExecQuery {
    ExecQuery { language: "WQL".into(), query: query.into(), flags, context: None }
}

pub(crate) const FORWARD: Flags = Flags::RETURN_IMMEDIATELY.union(Flags::FORWARD_ONLY);

pub(crate) async fn query(services: &Proxy, query: &str, flags: Flags) -> Proxy {
    adopt(services, call(services, &query_request(query, flags)).await)
}

pub(crate) async fn get(services: &Proxy, path: &str, flags: Flags) -> Response<ObjectOrCall> {
    let request = GetObject {
        path: path.into(),
        flags,
        context: None,
        object: Slot::Empty,
        call: Slot::Empty,
    };
    call(services, &request).await
}

pub(crate) async fn next(rows: &Proxy, timeout: Timeout, count: u32) -> Response<Objects> {
    call(rows, &enumerator::Next { timeout, count }).await
}

pub(crate) async fn smart(rows: &Proxy) -> Proxy {
    let fetch = rows.query_interface(iid::FETCH_SMART_ENUM, deadline()).await.unwrap();
    let response = call(&fetch, &GetSmartEnum {}).await;
    adopt(&fetch, response)
}

pub(crate) async fn smart_next(
    smart: &Proxy,
    proxy: Uuid,
    timeout: Timeout,
    count: u32,
) -> Response<Packet> {
    call(smart, &smart::Next { proxy, timeout, count }).await
}

pub(crate) fn instance(object: &ClassObject) -> Instance {
    Unit::decode(&object.0).unwrap().into_object().as_instance().unwrap().clone()
}

/// The instances of a packet; `classes` are those that came before.
pub(crate) fn unpack(packet: &Packet, classes: &mut ClassMap) -> Vec<Instance> {
    let mut instances = Vec::new();
    if packet.returned > 0 {
        let mut objects = ObjectArray::decode(packet.objects.clone()).unwrap();
        while let Some(object) = objects.next(classes) {
            let PacketObject::Row(row) = object.unwrap() else { panic!("a class") };
            instances.push(row.to_instance().unwrap());
        }
    }
    assert_eq!(instances.len(), packet.returned as usize);
    instances
}

pub(crate) fn at_level(options: Options, level: AuthLevel) -> Options {
    Options { level, ..options }
}
