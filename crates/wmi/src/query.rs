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
use crate::get;
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
    let enumerator = match execute(session, wql, options, deadline).await {
        Ok(enumerator) => enumerator,
        Err(cause) => return Err(refusal(session, Step::Query, cause, wql, deadline).await),
    };
    let reader = Reader::new(Arc::clone(session), enumerator, options.enumeration, deadline);
    let (session, wql) = (Arc::clone(session), Arc::<str>::from(wql));
    let chunks = reader.into_stream().or_else(move |cause| {
        let (session, wql) = (Arc::clone(&session), Arc::clone(&wql));
        async move { Err(refusal(&session, Step::Rows, cause, &wql, deadline).await) }
    });
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
async fn refusal(
    session: &Session,
    step: Step,
    cause: Cause,
    wql: &str,
    deadline: Instant,
) -> Error {
    let detail = match &cause {
        Cause::Status(code, _) if WbemStatus(*code) == WbemStatus::E_INVALID_QUERY => {
            diagnose(session, wql, deadline).await
        }
        _ => None,
    };
    Error::new(step, cause).with_detail(detail)
}

/// What is wrong with a query: its syntax, or a property that its class does not have. For the
/// latter the class is asked for, which costs a round trip that only a refused query pays.
async fn diagnose(session: &Session, wql: &str, deadline: Instant) -> Option<String> {
    let select = match wql.parse::<Select>() {
        Ok(select) => select,
        Err(error) => return Some(error.to_string()),
    };
    let class = get::object(session, &select.class, &Options::default(), deadline).await.ok()?;
    select.bind(class.class()).err().map(|error| error.to_string())
}
