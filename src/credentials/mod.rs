//! Which credential, and from where: tokens, keys, logins, the vendor's variables and files.
//!
//! `context` asks for the credential of a region. This room knows the order of the sources and
//! what each one means (contract section 2, auth.md); it knows no command and no resource.

pub mod signature;
