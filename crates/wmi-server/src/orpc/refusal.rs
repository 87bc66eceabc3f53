//! A refusal as it travels: a status, and beside it the error object that says why.

use std::sync::LazyLock;

use winreach_dcom::server::Call;
use winreach_dcom::wire::Extensions;
use winreach_wmi_proto::{ClassObject, ErrorObject, HResult};
use winreach_wmio::{ExtendedStatus, Layout};

use super::method::{hresult, refusal};
use crate::engine::Error;

/// Why a method failed.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: HResult,
    error: Option<Box<ExtendedStatus>>,
}

/// Who failed, where it was no provider of the user's: as Windows calls it.
const PROVIDER: &str = "WinMgmt";

impl Refusal {
    /// The refusal of a request, which is written down. `parameter` is what the request was about.
    pub(super) fn of(call: &Call, error: &Error, parameter: &str) -> Self {
        refusal(call, error);
        Self::unlogged(error, parameter)
    }

    /// The refusal of a request that was written down before.
    pub(super) fn unlogged(error: &Error, parameter: &str) -> Self {
        Self { status: hresult(error.status), error: Some(Box::new(told(error, parameter))) }
    }

    /// What to send beside the results of `operation`, such as `IWbemServices::ExecMethod`.
    pub(super) fn extensions(self, operation: &str) -> Extensions {
        let Some(mut error) = self.error else { return Extensions::default() };
        error.operation = operation.rsplit("::").next().map(str::to_owned);
        extensions(&error)
    }
}

impl From<HResult> for Refusal {
    fn from(status: HResult) -> Self {
        Self { status, error: None }
    }
}

/// The error object of an error.
fn told(error: &Error, parameter: &str) -> ExtendedStatus {
    ExtendedStatus {
        status: error.status,
        description: text(&error.message),
        operation: None,
        parameter_info: text(parameter),
        provider_name: Some(PROVIDER.to_owned()),
    }
}

/// A text that can be encoded: without the NUL that ends texts on the wire.
fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.replace('\0', "\u{FFFD}"))
}

fn extensions(error: &ExtendedStatus) -> Extensions {
    static LAYOUT: LazyLock<Option<Layout>> = LazyLock::new(|| {
        let class = ExtendedStatus::class().ok()?;
        Layout::new(&class).ok()
    });
    let unit = LAYOUT.as_ref().and_then(|layout| error.encode(layout).ok());
    unit.map(|unit| ErrorObject::Status(ClassObject(unit.into())).to_extensions())
        .unwrap_or_default()
}
