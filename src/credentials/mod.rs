//! Stub
use crate::api::{Authorize, Draft, ShownCredential, Transport};
use crate::error::{Error, Kind};
use crate::names::RegionId;
use crate::secret::Secret;
use crate::settings::Settings;
use std::sync::Arc;
#[derive(Debug)]
struct Token(Secret);
impl Authorize for Token {
    fn authorize(&self, _: &Draft<'_>) -> Result<Vec<(&'static str, Secret)>, Error> {
        Ok(vec![("X-Auth-Token", self.0.clone())])
    }
    fn renew(&self) -> Result<bool, Error> {
        Ok(false)
    }
    fn describe(&self) -> String {
        "token".to_owned()
    }
    fn remedy(&self) -> String {
        "get a new token".to_owned()
    }
}
/// x
pub fn find(
    settings: &Settings,
    _region: Option<&RegionId>,
    _transport: &Arc<Transport>,
    _warn: &dyn Fn(&str),
) -> Result<Arc<dyn Authorize>, Error> {
    match settings.environment().text("SWR_TOKEN")? {
        Some(token) => Ok(Arc::new(Token(Secret::new(token)))),
        None => Err(Error::new(Kind::Auth, "no credential is set")),
    }
}
/// x
pub fn shown(_: &Settings) -> ShownCredential {
    ShownCredential::Token
}
