//! Stubs of this crate, for other programs to read; and stubs of other programs, read and written
//! again.
//!
//! ```text
//! stubs write FOLDER
//! stubs again FROM TO
//! ```
//!
//! Each file is named `INTERFACE.METHOD.in` or `.out` and holds a whole stub, header included. `again`
//! reads every file of the one folder, bytes left over included, and writes what it has understood
//! into the other.

mod samples;
mod write;

use std::error::Error;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use uuid::{Uuid, uuid};
use winreach_dcom::wire::{ComVersion, OrpcThat, OrpcThis};
use winreach_ndr::{Decode, Decoder, Encode, Encoder, Endian};
use winreach_wmi_proto::{
    HResult, Method, Parameters, Response, backup, call_result, enumerator, login, refresher,
    services, sink, smart,
};

const CHAIN: Uuid = uuid!("11111111-2222-4333-8444-555555555555");

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["write", folder] => write::write(&Folder(folder.into())),
        ["again", from, to] => again(Path::new(from), &Folder(to.into())),
        _ => Err("usage: stubs write FOLDER | stubs again FROM TO".into()),
    }
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

fn again(from: &Path, to: &Folder) -> Result<()> {
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let (method, direction) = name.rsplit_once('.').ok_or("a file without a direction")?;
        let stub = Bytes::from(std::fs::read(&path)?);
        let transcribe = known(method).ok_or_else(|| format!("no method {method}"))?;
        transcribe(&stub, direction, to).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// Reads a stub and writes it again under the same name.
fn transcribe<M: Method>(stub: &Bytes, direction: &str, to: &Folder) -> Result<()> {
    if direction == "in" {
        let (header, rest) = split::<OrpcThis>(stub)?;
        to.put::<M>(direction, &header, &M::decode(&rest, Endian::Little)?)
    } else {
        let (header, rest) = split::<OrpcThat>(stub)?;
        let response = Response::<M::Out>::decode(&rest, Endian::Little)?;
        to.put::<M>(direction, &header, &response)
    }
}

/// The header of a stub, and what is behind it.
fn split<H: Decode>(stub: &Bytes) -> Result<(H, Bytes)> {
    let mut decoder = Decoder::new(stub);
    let header = decoder.get()?;
    Ok((header, stub.slice(decoder.position()..)))
}

type Transcribe = fn(&Bytes, &str, &Folder) -> Result<()>;

/// The method of this name.
fn known(name: &str) -> Option<Transcribe> {
    macro_rules! methods {
        ($($module:ident { $($method:ident),* $(,)? })*) => {
            [$($( ($module::$method::NAME, transcribe::<$module::$method> as Transcribe) ),*),*]
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
    found.map(|(_, transcribe)| transcribe)
}
