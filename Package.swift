// swift-tools-version: 6.2
import PackageDescription

// One target a room; the arrows are those of docs/architecture.md and no others.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
]

func room(_ name: String, uses: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: uses, swiftSettings: strict)
}

func tests(_ name: String, of uses: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: uses, exclude: exclude,
        swiftSettings: [.treatAllWarnings(as: .error)])
}

let package = Package(
    name: "portwatch",
    products: [.executable(name: "portwatch", targets: ["portwatch"])],
    targets: [
        .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
        .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .target(name: "CPlatform"),
        room("Platform", uses: ["CPlatform"]),
        room("Wire"),
        room("Capture", uses: ["CPcap", "Platform", "Wire"]),
        room("Demux", uses: ["Wire"]),
        room("HostSockets", uses: ["CMnl", "Platform", "Wire", "Demux"]),
        room("Render", uses: ["Wire", "Demux"]),
        room("Inspection", uses: ["Platform", "Wire", "Capture", "Demux", "Render"]),
        room("Sockets", uses: ["CPlatform", "Platform", "Wire"]),
        room("Services", uses: ["Platform", "Wire", "Sockets"]),
        room("PortwatchCLI", uses: ["CPlatform", "Platform", "Wire", "Capture", "Demux", "HostSockets", "Render", "Inspection", "Sockets", "Services"]),
        tests("WireTests", of: ["Wire"]),
        tests("CaptureTests", of: ["Wire", "Capture"]),
        tests("SocketsTests", of: ["Platform", "Wire", "Sockets"]),
        tests("HostSocketsTests", of: ["Platform", "Wire", "Demux", "HostSockets", "Sockets"]),
        tests("ServicesTests", of: ["Platform", "Wire", "Sockets", "Services"]),
        tests("CommandTests", of: ["portwatch"], exclude: ["Expected"]),
        // What tests write frames with.
        .target(name: "FrameScript", dependencies: ["Wire"], path: "Tests/FrameScript", swiftSettings: strict),
        // The rule of Demux held against the kernel: a program, since it goes into namespaces of its own.
        .target(name: "CDifferential", path: "Tests/CDifferential"),
        .executableTarget(
            name: "Differential", dependencies: ["CDifferential", "Wire", "Demux", "FrameScript"],
            path: "Tests/Differential", swiftSettings: [.treatAllWarnings(as: .error)]),
        tests("DemuxTests", of: ["Wire", "Capture", "Demux", "Render", "Inspection", "FrameScript"]),
        tests("RenderTests", of: ["Wire", "Demux", "Render", "FrameScript"]),
        .executableTarget(name: "portwatch", dependencies: ["PortwatchCLI"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
