//! What an image has beside the program: what programs expect of any machine, and nothing to start.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use super::layer::Entry;

/// The user that the program runs as, and its group.
pub(super) const NOBODY: u64 = 65_532;
/// Where the certificates are, as the libraries of TLS look for them.
pub(super) const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

const PASSWD: &str = "\
root:x:0:0:root:/:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
";
const GROUP: &str = "\
root:x:0:
nonroot:x:65532:
";
/// Without it glibc asks name servers before it reads `/etc/hosts`.
const NSSWITCH: &str = "\
passwd: files
group: files
hosts: files dns
";

const READ: u32 = 0o644;
const FOLDER: u32 = 0o755;

/// The files and folders, with these certificates.
pub(super) fn entries(certificates: &str) -> [Entry<'_>; 10] {
    let entry = |path, mode, owner, text: &'static str| Entry {
        path,
        mode,
        owner,
        bytes: text.as_bytes(),
    };
    [
        entry("etc/", FOLDER, 0, ""),
        entry("etc/group", READ, 0, GROUP),
        entry("etc/nsswitch.conf", READ, 0, NSSWITCH),
        entry("etc/passwd", READ, 0, PASSWD),
        entry("etc/ssl/", FOLDER, 0, ""),
        entry("etc/ssl/certs/", FOLDER, 0, ""),
        Entry {
            path: CERTIFICATES.trim_start_matches('/'),
            mode: READ,
            owner: 0,
            bytes: certificates.as_bytes(),
        },
        entry("home/", FOLDER, 0, ""),
        entry("home/nonroot/", 0o700, NOBODY, ""),
        entry("tmp/", 0o1777, 0, ""),
    ]
}

/// Mozilla's authorities, as PEM. (RFC 7468, 5.1.)
pub(super) fn certificates() -> String {
    let mut pem = String::new();
    for certificate in TLS_SERVER_ROOT_CERTS {
        pem.push_str("-----BEGIN CERTIFICATE-----\n");
        for line in STANDARD.encode(certificate).as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }
        pem.push_str("-----END CERTIFICATE-----\n");
    }
    pem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities_are_written_as_pem() {
        let pem = certificates();
        let blocks: Vec<_> = pem.split("-----BEGIN CERTIFICATE-----\n").skip(1).collect();
        assert_eq!(blocks.len(), TLS_SERVER_ROOT_CERTS.len());
        assert!(blocks.len() > 50, "{}", blocks.len());
        for (block, certificate) in blocks.iter().zip(TLS_SERVER_ROOT_CERTS) {
            let body = block
                .strip_suffix("-----END CERTIFICATE-----\n")
                .expect("an end");
            assert!(body.lines().all(|line| line.len() <= 64));
            let read = STANDARD.decode(body.replace('\n', "")).expect("base64");
            assert_eq!(read, certificate.as_ref());
        }
    }

    #[test]
    fn a_folder_stands_before_what_is_in_it() {
        let entries = entries("");
        for (at, entry) in entries.iter().enumerate() {
            let inside = entry.path.trim_end_matches('/').rsplit_once('/');
            let Some((folder, _)) = inside else { continue };
            let folder = format!("{folder}/");
            assert!(
                entries[..at].iter().any(|entry| entry.path == folder),
                "{folder}"
            );
        }
    }

    #[test]
    fn the_user_of_the_image_has_a_name_and_a_home() {
        assert!(PASSWD.contains(&format!(
            "nonroot:x:{NOBODY}:{NOBODY}:nonroot:/home/nonroot:"
        )));
        assert!(GROUP.contains(&format!("nonroot:x:{NOBODY}:")));
        let home = entries("")
            .into_iter()
            .find(|entry| entry.path == "home/nonroot/");
        assert_eq!(home.expect("a home").owner, NOBODY);
    }
}
