//! A listener's certificates: from PEM files to what a handshake uses, or to why not.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, RootCertStore, ServerConfig};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use crate::config::listener::{ClientCertificate, ListenerSettings, ServerCertificate};

/// What handshakes of a listener use.
#[derive(Debug, Clone)]
pub struct TlsContext {
    /// For the library.
    pub config: Arc<ServerConfig>,
    /// When the first of the certificates expires, seconds since the Unix epoch.
    pub expires_unix_s: Option<u64>,
}

/// Why certificates cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateError {
    /// The setting that names the file.
    pub field: &'static str,
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.field, self.file.display(), self.why)
    }
}

impl std::error::Error for CertificateError {}

/// Reads the files of a listener with TLS.
///
/// # Errors
/// Which file cannot be used, and why.
pub fn load(settings: &ListenerSettings) -> Result<TlsContext, CertificateError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut resolver = Resolver::default();
    let mut expires_unix_s: Option<u64> = None;
    for certificate in &settings.certificates {
        let (key, expires) = certified_key(certificate, &provider)?;
        expires_unix_s = Some(expires_unix_s.map_or(expires, |earliest| earliest.min(expires)));
        resolver.add(&certificate.server_name, Arc::new(key));
    }
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions();
    // The provider is complete, so the library's own versions go with it.
    let builder = builder.map_err(|error| CertificateError {
        field: "certfile",
        file: PathBuf::new(),
        why: error.to_string(),
    })?;
    let builder = match (settings.client_certificate, &settings.cacertfile) {
        (ClientCertificate::None, _) | (_, None) => builder.with_no_client_auth(),
        (asked, Some(file)) => {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots(file)?), provider);
            let verifier = match asked {
                ClientCertificate::Optional => verifier.allow_unauthenticated(),
                _ => verifier,
            };
            let verifier = verifier
                .build()
                .map_err(|error| failed("cacertfile", file, error.to_string()))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    Ok(TlsContext {
        config: Arc::new(builder.with_cert_resolver(Arc::new(resolver))),
        expires_unix_s,
    })
}

fn failed(field: &'static str, file: &Path, why: impl Into<String>) -> CertificateError {
    CertificateError {
        field,
        file: file.to_owned(),
        why: why.into(),
    }
}

/// A certificate with its key, and when the first of its chain expires.
fn certified_key(
    files: &ServerCertificate,
    provider: &CryptoProvider,
) -> Result<(CertifiedKey, u64), CertificateError> {
    let ServerCertificate {
        certfile, keyfile, ..
    } = files;
    let chain = certificates("certfile", certfile)?;
    let key = PrivateKeyDer::from_pem_file(keyfile)
        .map_err(|error| failed("keyfile", keyfile, pem_error(error, "private key")))?;
    let mut expires = u64::MAX;
    for certificate in &chain {
        let parsed = Certificate::from_der(certificate).map_err(|error| {
            failed(
                "certfile",
                certfile,
                format!("a certificate in it is damaged ({error})"),
            )
        })?;
        let not_after = parsed.tbs_certificate().validity().not_after;
        expires = expires.min(not_after.to_unix_duration().as_secs());
    }
    let key = CertifiedKey::from_der(chain, key, provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => failed(
            "keyfile",
            keyfile,
            format!(
                "this is not the key of the certificate in {}",
                certfile.display()
            ),
        ),
        rustls::Error::InvalidCertificate(error) => failed(
            "certfile",
            certfile,
            format!("its first certificate cannot be used ({error})"),
        ),
        error => failed(
            "keyfile",
            keyfile,
            format!("this key cannot be used ({error})"),
        ),
    })?;
    Ok((key, expires))
}

fn certificates(
    field: &'static str,
    file: &Path,
) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let read = || CertificateDer::pem_file_iter(file)?.collect::<Result<Vec<_>, _>>();
    let certificates =
        read().map_err(|error| failed(field, file, pem_error(error, "certificate")))?;
    if certificates.is_empty() {
        return Err(failed(
            field,
            file,
            pem_error(pem::Error::NoItemsFound, "certificate"),
        ));
    }
    Ok(certificates)
}

fn roots(file: &Path) -> Result<RootCertStore, CertificateError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("cacertfile", file)? {
        roots.add(certificate).map_err(|error| {
            failed(
                "cacertfile",
                file,
                format!("a certificate in it cannot sign others ({error})"),
            )
        })?;
    }
    Ok(roots)
}

fn pem_error(error: pem::Error, what: &str) -> String {
    match error {
        pem::Error::Io(error) => format!("it cannot be read ({error})"),
        pem::Error::NoItemsFound => format!("there is no {what} in PEM in it"),
        error => format!("it is no valid PEM ({error})"),
    }
}

/// Certificates by the host name that the client asks for (SNI).
#[derive(Debug, Default)]
struct Resolver {
    exact: HashMap<String, Arc<CertifiedKey>>,
    /// By what stands behind `*.`.
    wildcard: HashMap<String, Arc<CertifiedKey>>,
    default: Option<Arc<CertifiedKey>>,
}

impl Resolver {
    fn add(&mut self, server_name: &str, key: Arc<CertifiedKey>) {
        let name = server_name.to_ascii_lowercase();
        if name.is_empty() {
            self.default = Some(key);
        } else if let Some(parent) = name.strip_prefix("*.") {
            self.wildcard.insert(parent.to_owned(), key);
        } else {
            self.exact.insert(name, key);
        }
    }

    fn find(&self, server_name: &str) -> Option<&Arc<CertifiedKey>> {
        let name = server_name.to_ascii_lowercase();
        self.exact.get(&name).or_else(|| {
            // A wildcard stands for one label (RFC 6125).
            let (_, parent) = name.split_once('.')?;
            self.wildcard.get(parent)
        })
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        client_hello
            .server_name()
            .and_then(|name| self.find(name))
            .or(self.default.as_ref())
            .cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::listener::{Bind, TlsDefaults};

    fn write(folder: &Path, name: &str) -> ServerCertificate {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let files = ServerCertificate {
            certfile: folder.join(format!("{name}.crt")),
            keyfile: folder.join(format!("{name}.key")),
            server_name: String::new(),
        };
        fs::write(&files.certfile, made.cert.pem()).unwrap();
        fs::write(&files.keyfile, made.signing_key.serialize_pem()).unwrap();
        files
    }

    fn settings(certificate: ServerCertificate) -> ListenerSettings {
        let bind = Bind::parse("127.0.0.1:0").unwrap();
        ListenerSettings {
            certificates: vec![certificate],
            ..ListenerSettings::new(bind, &TlsDefaults::default())
        }
    }

    fn why(settings: &ListenerSettings) -> String {
        load(settings).unwrap_err().to_string()
    }

    #[test]
    fn files_that_fit_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let loaded = load(&settings(write(folder.path(), "a"))).unwrap();
        assert!(loaded.expires_unix_s.unwrap() > 1_700_000_000);
    }

    #[test]
    fn each_error_names_the_file_and_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (write(folder.path(), "a"), write(folder.path(), "b"));
        let empty = folder.path().join("empty");
        fs::write(&empty, "nothing").unwrap();
        let damaged = folder.path().join("damaged");
        fs::write(
            &damaged,
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        )
        .unwrap();
        let missing = folder.path().join("missing");
        let with = |certfile: &Path, keyfile: &Path| ServerCertificate {
            certfile: certfile.to_owned(),
            keyfile: keyfile.to_owned(),
            server_name: String::new(),
        };
        for (files, field, file, part) in [
            (
                with(&missing, &a.keyfile),
                "certfile",
                &missing,
                "No such file",
            ),
            (
                with(&a.certfile, &missing),
                "keyfile",
                &missing,
                "No such file",
            ),
            (
                with(&empty, &a.keyfile),
                "certfile",
                &empty,
                "no certificate in PEM",
            ),
            (
                with(&a.certfile, &empty),
                "keyfile",
                &empty,
                "no private key in PEM",
            ),
            (with(&damaged, &a.keyfile), "certfile", &damaged, "damaged"),
            (
                with(&a.certfile, &b.keyfile),
                "keyfile",
                &b.keyfile,
                "a.crt",
            ),
        ] {
            let told = why(&settings(files));
            let begin = format!("{field} {}: ", file.display());
            assert!(told.starts_with(&begin) && told.contains(part), "{told}");
        }
        let mut mutual = settings(a);
        mutual.client_certificate = ClientCertificate::Required;
        mutual.cacertfile = Some(empty);
        assert!(why(&mutual).starts_with("cacertfile "), "{}", why(&mutual));
    }

    #[test]
    fn a_name_gets_its_own_certificate_before_that_of_a_wildcard() {
        let folder = tempfile::tempdir().unwrap();
        let provider = rustls::crypto::ring::default_provider();
        let mut resolver = Resolver::default();
        let mut add = |name: &str| {
            let (key, _) = certified_key(&write(folder.path(), "x"), &provider).unwrap();
            let key = Arc::new(key);
            resolver.add(name, Arc::clone(&key));
            key
        };
        let exact = add("Broker.example.org");
        let wildcard = add("*.example.org");
        let found = |name: &str| resolver.find(name).cloned();
        assert!(Arc::ptr_eq(&found("broker.EXAMPLE.org").unwrap(), &exact));
        assert!(Arc::ptr_eq(&found("other.example.org").unwrap(), &wildcard));
        assert!(found("a.b.example.org").is_none() && found("example.org").is_none());
    }
}
