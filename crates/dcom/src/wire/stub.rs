//! Parameter lists.

/// Declares the parameters of a method in wire order. In contrast to a structure, each parameter is
/// followed at once by what it points to.
macro_rules! stub {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident {
            $( $(#[$field_attribute:meta])* pub $field:ident : $type:ty ),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        pub struct $name {
            $( $(#[$field_attribute])* pub $field: $type, )*
        }

        impl winreach_ndr::Layout for $name {
            const ALIGN: usize = 1;
        }

        impl winreach_ndr::Encode for $name {
            fn encode(&self, encoder: &mut winreach_ndr::Encoder) {
                $( encoder.put(&self.$field); )*
            }
        }

        impl winreach_ndr::Decode for $name {
            fn decode(
                decoder: &mut winreach_ndr::Decoder<'_>,
            ) -> Result<Self, winreach_ndr::Error> {
                Ok(Self {
                    $( $field: decoder
                        .get_named(concat!(stringify!($name), ".", stringify!($field)))?, )*
                })
            }
        }
    };
}

pub(super) use stub;
