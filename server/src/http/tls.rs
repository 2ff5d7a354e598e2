//! https: the certificate and its key, ready for connections.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// Reads a certificate chain and its private key, both PEM; an error is a sentence that names the file.
pub fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, String> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| {
            let path = certificate.display();
            format!("{path}: no certificate can be read from it: {error}")
        })?;
    if chain.is_empty() {
        let path = certificate.display();
        return Err(format!(
            "{path}: there is no certificate in it; it has to be PEM"
        ));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| {
        let path = key.display();
        format!("{path}: no private key can be read from it: {error}")
    })?;
    // Named, and not the process's default, because a library may have chosen another one.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(chain, private)
        });
    let mut config = config.map_err(|error| {
        let (certificate, key) = (certificate.display(), key.display());
        format!("{certificate} and {key} can't be used for https: {error}")
    })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
