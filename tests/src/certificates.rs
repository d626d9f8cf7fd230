//! Certificates of a test: an authority, servers and clients, as PEM files in a folder of the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsConnector;

/// A certificate and its key.
#[derive(Debug, Clone)]
pub struct Files {
    /// PEM, the certificate.
    pub certfile: PathBuf,
    /// PEM, the key.
    pub keyfile: PathBuf,
}

impl Files {
    /// The certificate's path as text, for flags and requests.
    pub fn certfile(&self) -> String {
        self.certfile.display().to_string()
    }

    /// The key's path as text.
    pub fn keyfile(&self) -> String {
        self.keyfile.display().to_string()
    }

    /// The certificate as a peer of TLS shows it.
    pub fn certificate(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(&self.certfile).expect("a certificate")
    }
}

/// An authority that signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: PathBuf,
    /// PEM, the authority's own certificate.
    pub cacertfile: PathBuf,
}

impl Authority {
    /// A new authority, whose certificate is written to `folder/name.pem`.
    pub fn new(folder: &Path, name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = params(&[], name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).expect("a certificate");
        let cacertfile = folder.join(format!("{name}.pem"));
        fs::write(&cacertfile, certificate.pem()).expect("a file");
        Self {
            issuer: Issuer::new(params, key),
            folder: folder.to_owned(),
            cacertfile,
        }
    }

    /// The path of the authority's certificate as text.
    pub fn cacertfile(&self) -> String {
        self.cacertfile.display().to_string()
    }

    /// A certificate of a server of these names (host names, `*.` names, IP addresses), written to `file.crt` and
    /// `file.key`; what is there is replaced.
    pub fn server(&self, file: &str, names: &[&str]) -> Files {
        let mut params = params(names, file);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(file, &params)
    }

    /// A certificate of a client, written as that of a server.
    pub fn client(&self, file: &str) -> Files {
        let mut params = params(&[], file);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(file, &params)
    }

    fn sign(&self, file: &str, params: &CertificateParams) -> Files {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let files = Files {
            certfile: self.folder.join(format!("{file}.crt")),
            keyfile: self.folder.join(format!("{file}.key")),
        };
        fs::write(&files.certfile, certificate.pem()).expect("a file");
        fs::write(&files.keyfile, key.serialize_pem()).expect("a file");
        files
    }

    /// TLS for a client that trusts this authority and shows `client`, if any.
    pub fn connector(&self, client: Option<&Files>) -> TlsConnector {
        TlsConnector::from(Arc::new(self.client_config(client)))
    }

    /// The same as a configuration, for TLS 1.2 and 1.3.
    pub fn client_config(&self, client: Option<&Files>) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        let own = CertificateDer::from_pem_file(&self.cacertfile).expect("a certificate");
        roots.add(own).expect("an authority");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("known versions")
            .with_root_certificates(roots);
        match client {
            None => builder.with_no_client_auth(),
            Some(files) => builder
                .with_client_auth_cert(
                    vec![files.certificate()],
                    PrivateKeyDer::from_pem_file(&files.keyfile).expect("a key"),
                )
                .expect("a certificate with its key"),
        }
    }
}

fn params(names: &[&str], common_name: &str) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_can_be_made_of_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new(folder.path(), "ca");
        let server = authority.server("server", &["localhost", "*.example.org", "127.0.0.1"]);
        assert!(server.certfile.is_file() && server.keyfile.is_file());
        let client = authority.client("client");
        let _ = authority.connector(Some(&client));
    }
}
