import Glibc

/// C strings, `NULL` behind the last, that live as long as this does: what `execvp` and `getopt_long` take.
@safe public final class CStrings {
    public let pointers: [UnsafeMutablePointer<CChar>?]

    public init(_ strings: [String]) {
        unsafe pointers = strings.map { unsafe strdup($0) } + [nil]
    }

    deinit {
        for unsafe pointer in unsafe pointers { unsafe free(pointer) }
    }
}
