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

let pageFiles = [
    "page.html", "page.css", "model.js", "words.js", "geometry.js", "shapes.js", "stage.js", "motion.js", "side.js", "bytes.js",
    "quiz.js", "player.js", "controls.js",
]

let package = Package(
    name: "portwatch",
    products: [.executable(name: "portwatch", targets: ["portwatch"])],
    targets: [
        .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
        .target(name: "CPlatform"),
        room("Platform", uses: ["CPlatform"]),
        room("Wire"),
        room("Capture", uses: ["CPcap", "CZlib", "CZstd", "Platform", "Wire"]),
        room("Demux", uses: ["Wire"]),
        room("HostSockets", uses: ["CMnl", "Platform", "Wire", "Demux"]),
        room("Timeline", uses: ["Wire", "Demux"]),
        // The page's own files are compiled in, so that the program stays one file.
        .target(
            name: "Render", dependencies: ["Wire", "Demux", "Timeline"], resources: pageFiles.map { .embedInCode("Page/Web/\($0)") },
            swiftSettings: strict),
        room("Inspection", uses: ["Platform", "Wire", "Capture", "Demux", "HostSockets", "Timeline", "Render"]),
        room("Presentation", uses: ["Platform", "Wire", "Demux", "Timeline", "Render"]),
        room("Sockets", uses: ["CPlatform", "Platform", "Wire"]),
        room("Services", uses: ["CCrypt", "CNettle", "CPlatform", "Platform", "Wire", "Sockets"]),
        room("Scenes", uses: ["Platform", "Wire", "Capture", "Demux", "HostSockets", "Timeline", "Render", "Inspection", "Sockets", "Services"]),
        room("PortwatchCLI", uses: ["CPlatform", "Platform", "Wire", "Capture", "Demux", "HostSockets", "Timeline", "Render", "Inspection", "Presentation", "Sockets", "Services", "Scenes"]),
        tests("PlatformTests", of: ["Platform"]),
        tests("WireTests", of: ["Wire"]),
        tests("CaptureTests", of: ["CPcap", "CZlib", "CZstd", "Wire", "Capture"]),
        tests("SocketsTests", of: ["Platform", "Wire", "Sockets"]),
        tests("HostSocketsTests", of: ["Platform", "Wire", "Demux", "HostSockets", "Sockets"]),
        tests("ServicesTests", of: ["Platform", "Wire", "Sockets", "Services"]),
        tests("CommandTests", of: ["portwatch", "Differential", "Demux"], exclude: ["Expected"]),
        // What tests write frames with.
        .target(name: "FrameScript", dependencies: ["Wire"], path: "Tests/FrameScript", swiftSettings: strict),
        // What holds of frames, lines and JSON whatever they are; for the tests and for `scripts/fuzz`.
        .target(name: "Hostile", dependencies: ["Wire"], path: "Tests/Hostile", swiftSettings: strict),
        tests("DemuxTests", of: ["Wire", "Capture", "Demux", "Render", "Inspection", "FrameScript", "Hostile"]),
        // The rule of Demux held against the kernel: a program, since it goes into namespaces of its own.
        .target(name: "CDifferential", path: "Tests/CDifferential"),
        .executableTarget(
            name: "Differential", dependencies: ["CDifferential", "Wire", "Demux", "FrameScript"],
            path: "Tests/Differential", swiftSettings: [.treatAllWarnings(as: .error)]),
        tests("InspectionTests", of: ["Wire", "Capture", "Demux", "HostSockets", "Inspection", "FrameScript"]),
        tests("PresentationTests", of: ["Wire", "Capture", "Demux", "Timeline", "Render", "Inspection", "Presentation"]),
        tests("RenderTests", of: ["Wire", "Demux", "Timeline", "Render", "FrameScript", "Hostile"]),
        .executableTarget(name: "portwatch", dependencies: ["PortwatchCLI"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

// What `scripts/fuzz` builds links libFuzzer; nothing else does, so nobody else gets to see it. What is looked for are new
// ways through the rooms, not through what judges them.
if Context.environment["PORTWATCH_FUZZ"] != nil {
    let rooms = ["CPlatform", "Platform", "Wire", "Capture", "Demux", "HostSockets", "Timeline", "Render", "Inspection"]
    for target in package.targets where target.type == .regular {
        let sanitizers = rooms.contains(target.name) ? "fuzzer,address" : "address"
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=\(sanitizers)"])]
    }
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: ["CPcap", "CZlib", "CZstd", "Platform", "Wire", "Demux", "Timeline", "Render", "Inspection", "Capture", "FrameScript", "Hostile"],
            path: "scripts/fuzz.d", exclude: ["dictionary"],
            swiftSettings: [.treatAllWarnings(as: .error), .unsafeFlags(["-sanitize=address"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])]))
}
