//! Stubs of the MS-WMI methods, header included: the first byte picks the interface, the second the
//! method, the third the direction and the byte order. What decodes is written to bytes that decode
//! to the same.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use winreach_dcom::wire::{OrpcThat, OrpcThis};
use winreach_ndr::{Decode, Decoder};
use winreach_wmi_proto::{
    Endian, ErrorObject, Method, Parameters, Response, backup, call_result, enumerator, login,
    refresher, services, sink, smart,
};

fuzz_target!(|data: &[u8]| {
    let [interface, opnum, form, stub @ ..] = data else { return };
    let stub = Stub { bytes: Bytes::copy_from_slice(stub), form: *form };
    macro_rules! interfaces {
        ($($number:literal { $($module:ident::$method:ident),* $(,)? })*) => {
            match *interface {
                $( $number => {
                    $( if u16::from(*opnum) == $module::$method::OPNUM {
                        stub.both::<$module::$method>();
                    } )*
                } )*
                _ => {}
            }
        };
    }
    interfaces! {
        0 { login::EstablishPosition, login::RequestChallenge, login::WBEMLogin, login::NTLMLogin }
        1 { login::SetClientInfo }
        2 { login::SetClientInfoEx }
        3 { login::SetEvent }
        4 {
            services::OpenNamespace, services::CancelAsyncCall, services::QueryObjectSink,
            services::GetObject, services::GetObjectAsync, services::PutClass,
            services::PutClassAsync, services::DeleteClass, services::DeleteClassAsync,
            services::CreateClassEnum, services::CreateClassEnumAsync, services::PutInstance,
            services::PutInstanceAsync, services::DeleteInstance, services::DeleteInstanceAsync,
            services::CreateInstanceEnum, services::CreateInstanceEnumAsync, services::ExecQuery,
            services::ExecQueryAsync, services::ExecNotificationQuery,
            services::ExecNotificationQueryAsync, services::ExecMethod, services::ExecMethodAsync,
        }
        5 {
            enumerator::Reset, enumerator::Next, enumerator::NextAsync, enumerator::Clone,
            enumerator::Skip,
        }
        6 { smart::GetSmartEnum }
        7 { smart::Next }
        8 {
            call_result::GetResultObject, call_result::GetResultString,
            call_result::GetResultServices, call_result::GetCallStatus,
        }
        9 { sink::Indicate, sink::SetStatus }
        10 { backup::Backup, backup::Restore }
        11 { backup::Pause, backup::Resume }
        12 {
            refresher::AddObjectToRefresher, refresher::AddObjectToRefresherByTemplate,
            refresher::AddEnumToRefresher, refresher::RemoveObjectFromRefresher,
            refresher::GetRemoteRefresher, refresher::ReconnectRemoteRefresher,
        }
        13 {
            refresher::RemoteRefresh, refresher::StopRefreshing, refresher::Opnum5NotUsedOnWire,
        }
    }
});

struct Stub {
    bytes: Bytes,
    form: u8,
}

impl Stub {
    fn both<M: Method>(&self) {
        if self.form & 1 == 0 {
            if let Some((_, rest)) = self.split::<OrpcThis>() {
                self.same::<M>(&rest);
            }
        } else if let Some((that, rest)) = self.split::<OrpcThat>() {
            self.same::<Response<M::Out>>(&rest);
            if let Some(error) = ErrorObject::from_extensions(&that.extensions.0.unwrap_or_default()) {
                assert_eq!(ErrorObject::from_extensions(&error.to_extensions()), Some(error));
            }
        }
    }

    fn endian(&self) -> Endian {
        if self.form & 2 == 0 { Endian::Little } else { Endian::Big }
    }

    fn split<H: Decode>(&self) -> Option<(H, Bytes)> {
        let mut decoder = Decoder::with_endian(&self.bytes, self.endian());
        let header = decoder.get().ok()?;
        decoder.align(8).ok()?;
        Some((header, self.bytes.slice(decoder.position()..)))
    }

    /// Not compared as values, of which some are not equal to themselves.
    fn same<P: Parameters>(&self, stub: &Bytes) {
        let Ok(parameters) = P::decode(stub, self.endian()) else { return };
        let written = Bytes::from(parameters.encode());
        let again = P::decode(&written, Endian::Little).expect("what was written cannot be read");
        assert_eq!(again.encode(), written);
    }
}
