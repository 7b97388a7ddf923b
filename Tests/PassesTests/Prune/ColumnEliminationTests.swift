import IR
import Testing

@testable import Passes

/// What pruning thinks a layer loses, against the least squares problem itself.
@Suite struct ColumnEliminationTests {
  private struct Problem {
    let moments: LayerMoments
    let weights: [[Float]]
    /// Centred, `[sample][column]`.
    let rows: [[Double]]
  }

  /// A fully connected layer whose columns are correlated.
  private func problem(_ seed: Int, columns: Int, outputs: Int) throws -> Problem {
    var noise = SeededRandom(seed: UInt64(seed))
    let count = 200
    var inputs: [Tensor] = []
    var rows: [[Double]] = []
    for _ in 0..<count {
      let common = Float(noise.uniform())
      let row = (0..<columns).map { _ in Float(noise.uniform()) + 0.7 * common }
      inputs.append(Tensor([1, columns], row))
      rows.append(row.map { Double($0) })
    }
    for column in 0..<columns {
      let mean = rows.reduce(0) { $0 + $1[column] } / Double(count)
      for row in rows.indices { rows[row][column] -= mean }
    }
    let weights = (0..<outputs).map { _ in (0..<columns).map { _ in Float(noise.uniform()) } }
    let layer = try #require(LayerColumns(FullyConnected(), weights: [outputs, columns]))
    let moments = try LayerMoments(inputs, layer, group: 0, output: [1, outputs], skip: 1)
    return Problem(moments: moments, weights: weights, rows: rows)
  }

  /// The least mean squared error of `target` as a combination of `columns`, by the normal equations.
  private func residual(_ target: [Double], _ rows: [[Double]], _ columns: [Int]) -> Double {
    let size = columns.count
    var system = (0..<size).map { a -> [Double] in
      let row = (0..<size).map { b in
        rows.reduce(0) { $0 + $1[columns[a]] * $1[columns[b]] }
      }
      return row + [zip(rows, target).reduce(0) { $0 + $1.0[columns[a]] * $1.1 }]
    }
    for pivot in 0..<size {
      for row in 0..<size where row != pivot {
        let factor = system[row][pivot] / system[pivot][pivot]
        for k in pivot...size { system[row][k] -= factor * system[pivot][k] }
      }
    }
    let solution = (0..<size).map { system[$0][size] / system[$0][$0] }
    return zip(rows, target).reduce(0) { sum, pair in
      let explained = zip(columns, solution).reduce(0) { $0 + pair.0[$1.0] * $1.1 }
      return sum + (pair.1 - explained) * (pair.1 - explained)
    } / Double(rows.count)
  }

  @Test(arguments: 1...10)
  func costIsWhatLeastSquaresLeaves(seed: Int) throws {
    let (columns, outputs) = (7, 3)
    let problem = try problem(seed, columns: columns, outputs: outputs)
    var elimination = ColumnElimination(
      problem.moments, weights: problem.weights, considersOthers: true)
    let results = problem.weights.map { weights in
      problem.rows.map { row in zip(row, weights).reduce(0) { $0 + $1.0 * Double($1.1) } }
    }
    let energy = results.reduce(0) { sum, values in
      sum + values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
    }
    let gone = [seed % 7, (seed + 3) % 7]
    let kept = (0..<columns).filter { !gone.contains($0) }
    let expected = results.reduce(0) { $0 + residual($1, problem.rows, kept) } / energy
    // The damping of one part in a hundred makes the estimate a little larger.
    let together = elimination.cost(gone)
    #expect(abs(together - expected) < 0.03 * expected + 1e-3, "\(together), \(expected)")
    // One after the other comes to the same.
    let first = elimination.cost([gone[0]])
    elimination.eliminate([gone[0]])
    let second = elimination.cost([gone[1]])
    #expect(abs(first + second - together) < 1e-3 * (1 + together))
    #expect(elimination.cost([gone[0]]) == 0, "what is gone costs nothing")
  }

  /// Without noise and without a ridge to speak of, the fit finds the weights that made the results.
  @Test func theFitFindsWhatWasThere() throws {
    var noise = SeededRandom(seed: 3)
    let (columns, outputs, count) = (5, 2, 60)
    let truth = (0..<outputs).map { _ in (0..<columns).map { _ in Float(noise.uniform()) } }
    let biases = (0..<outputs).map { _ in Float(noise.uniform()) }
    var inputs: [Tensor] = []
    var results: [Tensor] = []
    for _ in 0..<count {
      let row = (0..<columns).map { _ in Float(noise.uniform()) }
      inputs.append(Tensor([1, columns], row))
      let values = truth.indices.map { output in
        zip(truth[output], row).reduce(biases[output]) { $0 + $1.0 * $1.1 }
      }
      results.append(Tensor([1, outputs], values))
    }
    let layer = try #require(LayerColumns(FullyConnected(), weights: [outputs, columns]))
    let moments = try LayerMoments(inputs, layer, group: 0, output: [1, outputs], skip: 1)
    let problem = RegressionProblem(
      inputs, results, layer, layer.groups[0], moments, outputs: [0, 1],
      kept: Array(0..<columns), output: [1, outputs], skip: 1)
    let start = (0..<outputs).map { _ in [Float](repeating: 0, count: columns) }
    let solution = problem.solve(from: start, ridge: 1e-6)
    for output in 0..<outputs {
      #expect(abs(solution.biases[output] - biases[output]) < 1e-3)
      for column in 0..<columns {
        #expect(abs(solution.rows[output][column] - truth[output][column]) < 1e-3)
      }
    }
  }
}
