import Platform
import Sockets
import Wire

/// The services that there are: a line for each.
public struct Catalogue: Sendable {
    public let name: String
    /// How its server is organised, if nothing else is asked for.
    let model: Server.Model
    let port: @Sendable () -> UInt16
    let make: @Sendable (Settings) throws(ServiceError) -> any Service

    /// What a service may need to know.
    public struct Settings: Sendable {
        public enum Echo: Sendable {
            case stream, numberedLines, once, datagrams
        }

        public var echo = Echo.stream
        /// The folder that `file` and `web` serve, and the Maildir of `mail`.
        public var root: String?
        /// Where `auth` is, for `login` and `file`.
        public var authority: Endpoint?
        /// The file of `auth`'s accounts.
        public var users: String?
        public var limits = Limits()

        public init() {}

        func folder() throws(ServiceError) -> ServedFolder {
            do { return try ServedFolder(root ?? ".") } catch { throw .failed(root ?? ".", error) }
        }
    }

    public static let all = [
        Catalogue("echo", .events, { 1234 }, { settings in
            switch settings.echo {
            case .stream, .datagrams: StreamEcho()
            case .numberedLines: NumberingEcho(settings.limits)
            case .once: OneShotEcho()
            }
        }),
        Catalogue("visitor", .iterative, { VisitorService.port }, { (_) throws(ServiceError) in
            do throws(SystemError) { return VisitorService(try SharedCounter()) } catch { throw .failed("visitor", error) }
        }),
        Catalogue("finger", .processes, { Names.port(ofService: "finger") ?? FingerService.port }, { FingerService($0.limits) }),
        Catalogue("sort", .events, { SortService.port }, { (settings) throws(ServiceError) in
            do throws(SystemError) { return SortService(settings.limits, try Budget(settings.limits.memory)) } catch { throw .failed("sort", error) }
        }),
        Catalogue("file", .events, { FileService.port }, { (settings) throws(ServiceError) in
            FileService(try settings.folder(), authority: settings.authority, settings.limits)
        }),
        Catalogue("web", .events, { WebService.port }, { (settings) throws(ServiceError) in
            WebService(try settings.folder(), settings.limits)
        }),
        Catalogue("mail", .events, { MailService.port }, { (settings) throws(ServiceError) in
            let path = settings.root ?? "Maildir"
            do throws(SystemError) { return MailService(try Maildir(path), settings.limits) } catch { throw .failed(path, error) }
        }),
        Catalogue("auth", .events, { AuthService.port }, { (settings) throws(ServiceError) in
            let signer: TokenSigner
            do throws(SystemError) { signer = try TokenSigner() } catch { throw .failed("auth", error) }
            do throws(Accounts.Failure) { return AuthService(try Accounts(file: settings.users ?? "users"), signer, settings.limits) } catch { throw .accounts(error) }
        }),
        Catalogue("login", .events, { LoginService.port }, { LoginService($0.authority ?? Endpoint(.ipv4Loopback, AuthService.port), $0.limits) }),
    ]

    private init(
        _ name: String, _ model: Server.Model, _ port: @escaping @Sendable () -> UInt16,
        _ make: @escaping @Sendable (Settings) throws(ServiceError) -> any Service
    ) {
        self.name = name
        self.model = model
        self.port = port
        self.make = make
    }

    public static func named(_ name: String) -> Catalogue? { all.first { $0.name == name } }


    /// The same for getaddrinfo: by its name where the services database knows it.
    public var defaultService: String { name == "finger" && Names.port(ofService: name) != nil ? name : "\(port())" }

    /// The service's server.
    ///
    /// - Parameter model: `nil` for what the service is usually organised by.
    public func server(_ settings: Settings, _ model: Server.Model?) throws(ServiceError) -> Server {
        if name == "echo", case .datagrams = settings.echo { return Server(name, .datagramEcho, port: port()) }
        var usual = self.model
        // The lecture's: one client after the other.
        switch settings.echo {
        case .numberedLines, .once: usual = .iterative
        case .stream, .datagrams: break
        }
        var server = Server(name, .stream(try make(settings), model ?? usual), port: port())
        server.limits = settings.limits
        switch name {
        case "mail": server.remark = "mail goes to \(absolutePath(settings.root ?? "Maildir"))"
        case "file" where settings.authority == nil: server.remark = "whoever connects may read and write the files of \(absolutePath(settings.root ?? "."))"
        default: break
        }
        // An answer's last piece shall not wait for the acknowledgement of the one before it.
        server.sockets.noDelay = name == "web" || name == "file"
        return server
    }
}
