//! Connections: accepted within limits, served, and let go in good order.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{App, Tls, app};

/// A request's line and headers in bytes; more are answered with 431. A connection's buffer grows no further either.
const HEAD_BYTES_MAX: usize = 32 << 10;
/// Headers of a request.
const HEADERS_MAX: usize = 128;
/// HTTP/2 streams of a connection.
const STREAMS_MAX: u32 = 128;
/// After a failed accept (too many open files, mostly) so long is waited.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves connections until `stop` resolves, then finishes the requests that are under way, within the limit for that.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    state: Arc<App>,
    stop: impl Future<Output = ()>,
) {
    let limits = state.server_limits.clone();
    let router = app(Arc::clone(&state));
    let connections = Arc::new(Semaphore::new(limits.connections_max));
    let graceful = GracefulShutdown::new();
    let builder = Arc::new(connection_builder(limits.request_time_max));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &connections) => accepted,
            () = &mut stop => break,
        };
        let (stream, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let service = TowerToHyperService::new(router.clone());
        let (builder, watcher) = (Arc::clone(&builder), graceful.watcher());
        let tls = tls.as_deref().map(Tls::acceptor);
        tokio::spawn(async move {
            // Whoever connects and says nothing is let go; from the first byte on, hyper looks after that.
            let first_byte =
                tokio::time::timeout(limits.request_time_max, stream.peek(&mut [0])).await;
            if !matches!(first_byte, Ok(Ok(1))) {
                return;
            }
            // A client that breaks off, or talks nonsense, has been answered as far as that is possible.
            match tls {
                None => {
                    let connection = builder.serve_connection(TokioIo::new(stream), service);
                    let _ = watcher.watch(connection.into_owned()).await;
                }
                Some(tls) => {
                    let shake = tls.accept(stream);
                    let Ok(Ok(stream)) = tokio::time::timeout(limits.request_time_max, shake).await
                    else {
                        return;
                    };
                    let connection = builder.serve_connection(TokioIo::new(stream), service);
                    let _ = watcher.watch(connection.into_owned()).await;
                }
            }
            drop(permit);
        });
    }
    drop(listener);
    state.stop();
    if tokio::time::timeout(limits.drain_time_max, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests were still under way and have been cut off");
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections)
        .acquire_owned()
        .await
        .map_err(std::io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    // Answers are small and whole: waiting for more to send with them would only delay them.
    stream.set_nodelay(true)?;
    Ok((stream, permit))
}

fn connection_builder(request_time_max: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(request_time_max)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(request_time_max)
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEAD_BYTES_MAX as u32);
    builder
}
