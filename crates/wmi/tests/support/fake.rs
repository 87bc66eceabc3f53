//! A server of one class, whose answers a test can arrange.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_core::future::BoxFuture;
use uuid::Uuid;
use winreach_cim::{CimType, Class, Instance, Property};
use winreach_dcom::wire::rem_unknown::{
    InterfaceRefs, RemQiResult, RemQueryInterface, RemQueryInterfaceResponse, opnum as rem,
};
use winreach_dcom::wire::{
    ActivationProperties, ComVersion, DualStringArray, InterfaceResult, ObjRef, OrpcThat, OrpcThis,
    Property as Activated, PropsOutInfo, ScmReplyInfo, StdObjRef, StringBinding,
    activator::ActivationResponse, iid as com, object_exporter,
};
use winreach_ndr::{Conformant, Decoder, Encoder, Unique};
use winreach_rpc::server::{Fault, Request, Service};
use winreach_wmi_proto::enumerator::{self, Objects};
use winreach_wmi_proto::login::{EstablishPosition, NTLMLogin};
use winreach_wmi_proto::services::{ExecQuery, GetObject, ObjectOrCall};
use winreach_wmi_proto::smart::{self, Packet};
use winreach_wmi_proto::{ClassObject, Endian, HResult, Method, Parameters, Response, Slot, iid};
use winreach_wmio::{Layout, ObjectArrayWriter, SentClasses};

use super::network::Scripted;

pub const EXPORTER_PORT: u16 = 49_666;

/// How a call for rows is answered.
#[derive(Clone, Copy, Debug)]
pub enum Turn {
    /// So many rows, fewer where there are not so many, with this status.
    Rows(usize, HResult),
    /// This status and no rows.
    Fail(HResult),
    /// Not at all.
    Stall,
    /// A row whose bytes make no sense, after so many that do.
    Broken(usize),
}

pub struct Fake {
    layout: Arc<Layout>,
    rows: usize,
    /// Whether there is smart enumeration.
    smart: bool,
    /// Whether calls that give references back are answered.
    confirms_releases: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    position: usize,
    sent: SentClasses,
    log: Vec<String>,
    turns: VecDeque<Turn>,
    refusals: Vec<(&'static str, HResult)>,
    fill: usize,
}

impl Fake {
    /// A result of so many rows, whose property `N` counts from 0.
    pub fn new(rows: usize) -> Self {
        let class = Class::builder("Counted")
            .property(Property::new("N", CimType::Uint32).key())
            .property(Property::new("Text", CimType::String))
            .build()
            .unwrap();
        let layout = Arc::new(Layout::new(&Arc::new(class)).unwrap());
        Self { layout, rows, smart: true, confirms_releases: true, state: Mutex::default() }
    }

    pub fn without_smart_enumeration(mut self) -> Self {
        self.smart = false;
        self
    }

    pub fn without_word_on_releases(mut self) -> Self {
        self.confirms_releases = false;
        self
    }

    /// How the calls for rows are answered, one after the other; then as one would expect.
    pub fn turns(self, turns: impl IntoIterator<Item = Turn>) -> Self {
        self.state.lock().unwrap().turns = turns.into_iter().collect();
        self
    }

    /// Refuses a method.
    pub fn refuses(self, method: &'static str, status: HResult) -> Self {
        self.state.lock().unwrap().refusals.push((method, status));
        self
    }

    /// Gives each row a text of so many characters.
    pub fn with_text(self, length: usize) -> Self {
        self.state.lock().unwrap().fill = length;
        self
    }

    /// The calls so far, except those that give references back.
    pub fn log(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.log.iter().filter(|entry| !entry.starts_with("Release")).cloned().collect()
    }

    /// Whether the references to all interfaces of this kind were given back.
    pub fn released(&self, interface: Uuid) -> bool {
        let entry = format!("Release {interface}");
        self.state.lock().unwrap().log.contains(&entry)
    }

    pub fn ports(self: &Arc<Self>) -> [(u16, Arc<dyn Service>); 2] {
        let this = Arc::clone(self);
        let service: Arc<dyn Service> = Arc::new(Scripted(move |request: Request| {
            let this = Arc::clone(&this);
            Box::pin(async move { this.answer(request).await })
                as BoxFuture<'static, Result<Bytes, Fault>>
        }));
        [(135, Arc::clone(&service)), (EXPORTER_PORT, service)]
    }

    async fn answer(&self, request: Request) -> Result<Bytes, Fault> {
        let interface = request.interface.uuid;
        match (interface, request.opnum) {
            (com::REMOTE_SCM_ACTIVATOR, _) => {
                self.note("Activate");
                return Ok(activation());
            }
            (com::OBJECT_EXPORTER, _) => return Ok(pong()),
            _ => {}
        }
        let mut decoder = Decoder::new(&request.stub);
        let _: OrpcThis = decoder.get().unwrap();
        let stub = request.stub.slice(decoder.position()..);
        match (interface, request.opnum) {
            (com::REM_UNKNOWN2, rem::REM_QUERY_INTERFACE) => {
                let asked: RemQueryInterface = decoder.get().unwrap();
                Ok(self.query_interface(&asked))
            }
            (com::REM_UNKNOWN2, rem::REM_RELEASE) => {
                let refs: InterfaceRefs = decoder.get().unwrap();
                for reference in refs.references.0 {
                    self.note(&format!("Release {}", reference.ipid));
                }
                if !self.confirms_releases {
                    std::future::pending::<()>().await;
                }
                Ok(plain(&0_u32))
            }
            (iid::LEVEL1_LOGIN, EstablishPosition::OPNUM) => self.reply::<EstablishPosition>(1),
            (iid::LEVEL1_LOGIN, NTLMLogin::OPNUM) => {
                let login = NTLMLogin::decode(&stub, Endian::Little).unwrap();
                let text = |text: Unique<winreach_ndr::WideString>| {
                    text.0.map_or("-".into(), |text| text.to_string())
                };
                let (ns, locale) = (text(login.network_resource), text(login.preferred_locale));
                self.note(&format!("{ns} {locale}"));
                self.reply::<NTLMLogin>(Some(reference(iid::SERVICES)))
            }
            (iid::SERVICES, ExecQuery::OPNUM) => {
                let query = ExecQuery::decode(&stub, Endian::Little).unwrap();
                self.note(&format!("flags {:#x}", query.flags.bits()));
                {
                    let mut state = self.state.lock().unwrap();
                    (state.position, state.sent) = (0, SentClasses::new());
                }
                self.reply::<ExecQuery>(Some(reference(iid::ENUM_CLASS_OBJECT)))
            }
            (iid::SERVICES, GetObject::OPNUM) => {
                let get = GetObject::decode(&stub, Endian::Little).unwrap();
                let object = get.object.answer(Some(self.unit(7)));
                self.reply::<GetObject>(ObjectOrCall { object, call: Slot::Absent })
            }
            (iid::ENUM_CLASS_OBJECT, enumerator::Next::OPNUM) => {
                let next = enumerator::Next::decode(&stub, Endian::Little).unwrap();
                self.note(&format!("Next {}", next.count));
                let (rows, status, broken) = self.take(next.count).await;
                let mut objects: Vec<_> = rows.map(|n| self.unit(n)).collect();
                if broken {
                    objects.push(ClassObject(Bytes::from_static(b"nonsense")));
                }
                let capacity = next.count.max(u32::try_from(objects.len()).unwrap());
                Ok(orpc(&Response { out: Objects { capacity, objects }, status }))
            }
            (iid::FETCH_SMART_ENUM, smart::GetSmartEnum::OPNUM) => {
                self.reply::<smart::GetSmartEnum>(Some(reference(iid::WCO_SMART_ENUM)))
            }
            (iid::WCO_SMART_ENUM, smart::Next::OPNUM) => {
                let next = smart::Next::decode(&stub, Endian::Little).unwrap();
                self.note(&format!("Smart {}", next.count));
                let (rows, status, broken) = self.take(next.count).await;
                let out = self.packet(rows, broken);
                Ok(orpc(&Response { out, status }))
            }
            other => panic!("an unexpected call: {other:?}"),
        }
    }

    fn note(&self, entry: &str) {
        self.state.lock().unwrap().log.push(entry.to_owned());
    }

    fn reply<M: Method>(&self, out: M::Out) -> Result<Bytes, Fault>
    where
        M::Out: Default,
    {
        let name = M::NAME.rsplit("::").next().unwrap();
        self.note(name);
        let refusals = self.state.lock().unwrap().refusals.clone();
        let refusal = refusals.iter().find(|(method, _)| *method == name);
        Ok(orpc(&match refusal {
            Some((_, status)) => Response::<M::Out>::failed(*status),
            None => Response::ok(out),
        }))
    }

    /// The rows of the next call, its status, and whether a row that makes no sense follows.
    async fn take(&self, asked: u32) -> (std::ops::Range<usize>, HResult, bool) {
        let (position, turn) = {
            let mut state = self.state.lock().unwrap();
            (state.position, state.turns.pop_front())
        };
        let left = self.rows - position;
        let asked = asked as usize;
        let (count, status, broken) = match turn {
            None if left < asked => (left, HResult::FALSE, false),
            None => (asked, HResult::OK, false),
            Some(Turn::Rows(count, status)) => (count.min(left), status, false),
            Some(Turn::Fail(status)) => (0, status, false),
            Some(Turn::Broken(count)) => (count.min(left), HResult::OK, true),
            Some(Turn::Stall) => std::future::pending().await,
        };
        self.state.lock().unwrap().position += count;
        (position..position + count, status, broken)
    }

    fn instance(&self, n: usize) -> Instance {
        let mut instance = Instance::new(Arc::clone(self.layout.class()));
        instance.set("N", u32::try_from(n).unwrap());
        instance.set("Text", "x".repeat(self.state.lock().unwrap().fill));
        instance
    }

    fn unit(&self, n: usize) -> ClassObject {
        let mut unit = Vec::new();
        self.layout.encode(&self.instance(n), &mut unit).unwrap();
        ClassObject(unit.into())
    }

    fn packet(&self, rows: std::ops::Range<usize>, broken: bool) -> Packet {
        if rows.is_empty() && !broken {
            return Packet::default();
        }
        let instances: Vec<_> = rows.map(|n| self.instance(n)).collect();
        let state = &mut *self.state.lock().unwrap();
        let mut writer = ObjectArrayWriter::new(&mut state.sent);
        for instance in &instances {
            writer.push(&self.layout, instance).unwrap();
        }
        let end = writer.octets();
        if broken {
            writer.push(&self.layout, &instances[0]).unwrap();
        }
        let returned = writer.objects();
        let mut packet = writer.finish().unwrap();
        if broken {
            // The type of the last object.
            packet[end + 8] = 0xFF;
        }
        Packet { returned, objects: packet.into() }
    }

    fn query_interface(&self, asked: &RemQueryInterface) -> Bytes {
        let interface = asked.iids.0[0];
        self.note("QueryInterface");
        let result = if self.smart {
            RemQiResult { hresult: 0, std: standard(interface) }
        } else {
            RemQiResult { hresult: HResult::NO_INTERFACE.0, std: StdObjRef::default() }
        };
        plain(&RemQueryInterfaceResponse {
            results: Unique::some(Conformant(vec![result])),
            hresult: result.hresult,
        })
    }
}

/// Behind each interface there is one object, of which it is the identifier.
fn standard(interface: Uuid) -> StdObjRef {
    StdObjRef { flags: 0, public_refs: 5, oxid: 1, oid: 2, ipid: interface }
}

fn reference(interface: Uuid) -> ObjRef {
    ObjRef::standard(interface, standard(interface), DualStringArray::default())
}

fn activation() -> Bytes {
    let interface = InterfaceResult {
        iid: iid::LEVEL1_LOGIN,
        hresult: 0,
        reference: reference(iid::LEVEL1_LOGIN).into(),
    };
    let exporter = ScmReplyInfo {
        oxid: 1,
        bindings: DualStringArray {
            strings: vec![StringBinding::tcp("server", EXPORTER_PORT)],
            security: Vec::new(),
        },
        ipid_rem_unknown: com::REM_UNKNOWN2,
        authn_hint: 5,
        version: ComVersion::CURRENT,
    };
    let properties = ActivationProperties::new(vec![
        Activated::PropsOut(PropsOutInfo { interfaces: vec![interface] }),
        Activated::ScmReply(exporter),
    ]);
    let mut encoder = Encoder::new();
    encoder.put(&ActivationResponse {
        that: OrpcThat::default(),
        properties: properties.to_answer().into(),
        hresult: 0,
    });
    encoder.finish().into()
}

fn pong() -> Bytes {
    let mut encoder = Encoder::new();
    encoder.put(&object_exporter::ComplexPingResponse { set_id: 1, backoff: 0, status: 0 });
    encoder.finish().into()
}

fn plain(value: &impl winreach_ndr::Encode) -> Bytes {
    let mut encoder = Encoder::new();
    encoder.put(&OrpcThat::default());
    encoder.put(value);
    encoder.finish().into()
}

fn orpc(response: &impl Parameters) -> Bytes {
    let mut encoder = Encoder::new();
    encoder.put(&OrpcThat::default());
    response.write(&mut encoder);
    encoder.finish().into()
}
