//! Running a query.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt};
use tokio::time::Instant;
use winreach_cim::WbemStatus;
use winreach_cim::wql::Select;
use winreach_dcom::client::Proxy;
use winreach_wmi_proto::Flags;
use winreach_wmi_proto::services::ExecQuery;

use crate::error::{Cause, Error, Step};
use crate::invoke::invoke;
use crate::reader::Reader;
use crate::services::Options;
use crate::session::Session;
use crate::stream::RowStream;

/// Starts a query: semisynchronous and forward-only, so that rows come as the server finds them and
/// go as they are read.
pub(crate) async fn start(
    session: &Arc<Session>,
    wql: &str,
    options: &Options,
    deadline: Instant,
) -> Result<RowStream, Error> {
    let enumerator = execute(session, wql, options, deadline)
        .await
        .map_err(|cause| refusal(Step::Query, cause, wql))?;
    let reader = Reader::new(Arc::clone(session), enumerator, options.enumeration, deadline);
    let wql = wql.to_owned();
    let chunks = reader.into_stream().map_err(move |cause| refusal(Step::Rows, cause, &wql));
    Ok(RowStream::new(chunks.boxed()))
}

async fn execute(
    session: &Session,
    wql: &str,
    options: &Options,
    deadline: Instant,
) -> Result<Proxy, Cause> {
    let request = ExecQuery {
        language: "WQL".into(),
        query: wql.into(),
        flags: options.flags | Flags::RETURN_IMMEDIATELY | Flags::FORWARD_ONLY,
        context: options.context.clone(),
    };
    let reference = invoke(&session.services, &request, deadline).await?.out;
    let reference = reference.ok_or(Cause::Protocol("a success without an enumerator"))?;
    Ok(session.services.adopt(&reference)?)
}

/// An error of the server. Where it finds fault with the query, and so do we, the place is added:
/// the server does not tell it.
fn refusal(step: Step, cause: Cause, wql: &str) -> Error {
    let detail = match &cause {
        Cause::Status(code) if WbemStatus(*code) == WbemStatus::E_INVALID_QUERY => {
            wql.parse::<Select>().err().map(|error| error.to_string())
        }
        _ => None,
    };
    Error::new(step, cause).with_detail(detail)
}
