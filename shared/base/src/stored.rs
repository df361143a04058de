/// Lets a type be stored as text on any database, by its `Display` and `FromStr` or by the two functions given.
#[doc(hidden)]
#[macro_export]
macro_rules! stored_as_text {
    ($name:ty) => {
        $crate::stored_as_text!($name, ToString::to_string, |text: &str| text
            .parse::<$name>()
            .ok());
    };
    ($name:ty, $write:expr, $read:expr) => {
        impl<DB: ::sqlx::Database> ::sqlx::Type<DB> for $name
        where
            String: ::sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <String as ::sqlx::Type<DB>>::type_info()
            }

            fn compatible(info: &DB::TypeInfo) -> bool {
                <String as ::sqlx::Type<DB>>::compatible(info)
            }
        }

        impl<'q, DB: ::sqlx::Database> ::sqlx::Encode<'q, DB> for $name
        where
            String: ::sqlx::Encode<'q, DB>,
        {
            fn encode_by_ref(
                &self,
                buffer: &mut <DB as ::sqlx::Database>::ArgumentBuffer,
            ) -> Result<::sqlx::encode::IsNull, ::sqlx::error::BoxDynError> {
                let text: String = ($write)(self);
                <String as ::sqlx::Encode<'q, DB>>::encode(text, buffer)
            }
        }

        impl<'r, DB: ::sqlx::Database> ::sqlx::Decode<'r, DB> for $name
        where
            &'r str: ::sqlx::Decode<'r, DB>,
        {
            fn decode(
                value: <DB as ::sqlx::Database>::ValueRef<'r>,
            ) -> Result<Self, ::sqlx::error::BoxDynError> {
                let text = <&'r str as ::sqlx::Decode<'r, DB>>::decode(value)?;
                ($read)(text).ok_or_else(|| concat!("not a stored ", stringify!($name)).into())
            }
        }
    };
}

#[cfg(feature = "sqlx")]
mod ids {
    use crate::{SourceId, SubscriptionId};

    crate::stored_as_text!(SubscriptionId);
    crate::stored_as_text!(SourceId);
}
