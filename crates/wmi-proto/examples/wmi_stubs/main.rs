//! Stubs of this crate, for other programs to read; and stubs of other programs, read and shown.
//!
//! ```text
//! wmi_stubs write FOLDER
//! wmi_stubs show FOLDER
//! wmi_stubs unit FILE
//! wmi_stubs input CLASS METHOD FILE
//! ```
//!
//! Each file of a folder is named `INTERFACE.METHOD.in` or `.out` and holds a whole stub, header
//! included; `show` says what is in each, a line for each file. `unit` shows the properties of an
//! object in an encoding unit, and `input` those of the parameters of a method, whose class is
//! another unit.

mod samples;
mod write;

use std::error::Error;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use uuid::{Uuid, uuid};
use winreach_cim::{Instance, Object};
use winreach_dcom::wire::{ComVersion, OrpcThat, OrpcThis};
use winreach_ndr::{Decode, Decoder, Encode, Encoder, Endian};
use winreach_wmi_proto::{
    HResult, Method, Parameters, Response, backup, call_result, enumerator, login, refresher,
    services, sink, smart,
};
use winreach_wmio::Unit;

const CHAIN: Uuid = uuid!("11111111-2222-4333-8444-555555555555");

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["write", folder] => write::write(&Folder(folder.into())),
        ["show", folder] => show(Path::new(folder)),
        ["unit", file] => match Unit::decode(&std::fs::read(file)?)?.into_object() {
            Object::Instance(instance) => print(&instance),
            Object::Class(class) => print(&Instance::new(class)),
        },
        ["input", class, method, file] => {
            let Unit::Class(class) = Unit::decode(&std::fs::read(class)?)? else {
                return Err("no class".into());
            };
            let signature = class.signature(method).ok_or("no such method")?;
            print(&signature.decode_input(&std::fs::read(file)?)?)
        }
        _ => Err("usage: wmi_stubs write|show FOLDER | unit FILE | input CLASS METHOD FILE".into()),
    }
}

fn print(instance: &Instance) -> Result<()> {
    println!("{}", instance.class().name());
    for (name, value) in instance.iter() {
        println!("{name} = {value:?}");
    }
    Ok(())
}

/// Where stubs go.
struct Folder(PathBuf);

impl Folder {
    /// The stub of a call.
    fn call<M: Method>(&self, call: &M) -> Result<()> {
        self.put::<M>("in", &OrpcThis::new(ComVersion::CURRENT, CHAIN), call)
    }

    /// The stub of an answer.
    fn answer<M: Method>(&self, out: M::Out) -> Result<()> {
        self.answer_with::<M>(out, HResult::OK)
    }

    /// The stub of an answer with a status.
    fn answer_with<M: Method>(&self, out: M::Out, status: HResult) -> Result<()> {
        self.put::<M>("out", &OrpcThat::default(), &Response { out, status })
    }

    fn put<M: Method>(
        &self,
        direction: &str,
        header: &impl Encode,
        parameters: &impl Parameters,
    ) -> Result<()> {
        let mut encoder = Encoder::new();
        encoder.put(header);
        parameters.write(&mut encoder);
        let file = format!("{}.{direction}", M::NAME.replace("::", "."));
        Ok(std::fs::write(self.0.join(file), encoder.finish())?)
    }
}

fn show(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let (method, direction) = name.rsplit_once('.').ok_or("a file without a direction")?;
        let stub = Bytes::from(std::fs::read(&path)?);
        let describe = known(method).ok_or_else(|| format!("no method {method}"))?;
        let shown = describe(&stub, direction).map_err(|error| format!("{name}: {error}"))?;
        println!("{name}: {shown}");
    }
    Ok(())
}

/// What a stub says. Bytes may be left over, as some peers leave them.
fn describe<M: Method + Debug>(stub: &Bytes, direction: &str) -> Result<String>
where
    M::Out: Debug,
{
    if direction == "in" {
        let rest = split::<OrpcThis>(stub)?;
        Ok(format!("{:?}", M::decode(&rest, Endian::Little)?))
    } else {
        let rest = split::<OrpcThat>(stub)?;
        Ok(format!("{:?}", Response::<M::Out>::decode(&rest, Endian::Little)?))
    }
}

/// What is behind the header of a stub.
fn split<H: Decode>(stub: &Bytes) -> Result<Bytes> {
    let mut decoder = Decoder::new(stub);
    decoder.get::<H>()?;
    Ok(stub.slice(decoder.position()..))
}

type Describe = fn(&Bytes, &str) -> Result<String>;

/// The method of this name.
fn known(name: &str) -> Option<Describe> {
    macro_rules! methods {
        ($($module:ident { $($method:ident),* $(,)? })*) => {
            [$($( ($module::$method::NAME, describe::<$module::$method> as Describe) ),*),*]
        };
    }
    let methods = methods! {
        login { EstablishPosition, RequestChallenge, NTLMLogin, SetClientInfo, SetEvent }
        services {
            OpenNamespace, CancelAsyncCall, QueryObjectSink, GetObject, GetObjectAsync, PutClass,
            PutClassAsync, DeleteClass, DeleteClassAsync, CreateClassEnum, CreateClassEnumAsync,
            PutInstance, PutInstanceAsync, DeleteInstance, DeleteInstanceAsync, CreateInstanceEnum,
            CreateInstanceEnumAsync, ExecQuery, ExecQueryAsync, ExecNotificationQuery,
            ExecNotificationQueryAsync, ExecMethod, ExecMethodAsync,
        }
        enumerator { Reset, Next, NextAsync, Clone, Skip }
        smart { GetSmartEnum, Next }
        call_result { GetResultObject, GetResultString, GetResultServices, GetCallStatus }
        sink { Indicate, SetStatus }
        backup { Backup, Restore, Pause, Resume }
        refresher {
            AddObjectToRefresherByTemplate, RemoveObjectFromRefresher, GetRemoteRefresher,
            StopRefreshing,
        }
    };
    let found = methods.into_iter().find(|(method, _)| method.replace("::", ".") == name);
    found.map(|(_, describe)| describe)
}
