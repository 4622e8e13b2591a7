import Demux
import Testing
import Timeline
import Wire

@testable import Render

/// The sequence chart: who stands where, what an arrow says, what stands beside it.
@Suite struct LadderTests {
    @Test func `look`() {
        for width in [80, 100, 160] { print(TimelineMaker.echo().chart(width)) }
        print(TimelineMaker.echo().chart(100, hasUnicode: false))
    }
}
