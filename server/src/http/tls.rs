//! https: the certificate and its key, ready for connections.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// A certificate that can be replaced while the server runs, as it has to be every few weeks.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    acceptor: RwLock<TlsAcceptor>,
}

impl Tls {
    /// Reads a certificate chain and its private key, both PEM; an error is a sentence that names the file.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, String> {
        Ok(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            acceptor: RwLock::new(acceptor(certificate, key)?),
        })
    }

    /// Reads the files again, for the connections that come from now on; after an error all is as it was.
    pub fn reload(&self) -> Result<(), String> {
        let fresh = acceptor(&self.certificate, &self.key)?;
        *self
            .acceptor
            .write()
            .unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// For the next connection.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let acceptor = self.acceptor.read().unwrap_or_else(PoisonError::into_inner);
        acceptor.clone()
    }
}

fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, String> {
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
