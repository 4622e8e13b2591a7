import Wire

extension LinkType {
    /// The link type of a file's number (`LINKTYPE_`), which for a few differs from what the system calls it (`DLT_`),
    /// as libpcap has it on Linux. Unknown numbers stand for themselves.
    init(inFile number: UInt32) {
        switch number {
        case 100: self.init(11)  // ATM, RFC 1483
        case 101: self = .raw
        case 102: self.init(15)  // SLIP of BSD/OS
        case 103: self.init(16)  // PPP of BSD/OS
        case 106: self.init(19)  // classical IP over ATM
        default: self.init(number)
        }
    }

    /// No frame has more bytes than this, in libpcap's and in Wireshark's judgement. A record that says so is damaged.
    var longestFrame: Int {
        switch rawValue {
        case 231: 128 << 20  // D-Bus
        case 249: 1 << 20  // USBPcap
        case 279: 8 << 20  // Elektrobit
        default: InterfaceOptions.wholeFrames
        }
    }

    /// A file's snapshot length, where it makes sense; else the longest frame, as in libpcap.
    func snapshotLength(inFile length: UInt32) -> Int {
        length == 0 || length > UInt32(Int32.max) ? longestFrame : Int(length)
    }
}
