/** A process of its own: times the training of one model on the CPU, on a device, and in PyTorch. See `timings`. */
import { EngineRunner } from '../../bench/training/engine-runner';
import { PEER_NAME, TorchPeer } from '../../bench/training/torch-peer';
import { type Workload } from '../../bench/training/workload';
import { carryOut, report } from './child-report';
import { type Timing, type TimingOrder, type TimingReport } from './messages';
import { timedModels } from './timed-models';

carryOut(async (message) => {
  const tell = (message: TimingReport): Promise<void> => report(message);
  const order = message as TimingOrder;
  const { model, device, batch, threads, seconds } = order;
  const options = { batch, threads, seconds };
  const workload = timedModels()
    .find(({ name }) => name === model)
    ?.workload();
  if (!workload) throw new RangeError(`there is no model ${model}`);
  const onCpu = await EngineRunner.prepare(workload, options);
  const cpuSamplesPerSecond = (await onCpu.run()).samplesPerSecond;
  await tell({ measured: 'cpu' });
  let samplesPerSecond = cpuSamplesPerSecond;
  if (device !== 'cpu') {
    const onDevice = await EngineRunner.prepare(workload, { ...options, device });
    ({ samplesPerSecond } = await onDevice.run());
    await onDevice.close();
    await tell({ measured: device });
  }
  const peer = order.withPeer ? await timePeer(workload, onCpu, order) : null;
  await onCpu.close();
  await tell({ timing: { samplesPerSecond, cpuSamplesPerSecond, peer } });
});

/** PyTorch knows cards by CUDA alone, whichever way we reach them. In single precision, as here. */
async function timePeer(
  workload: Workload,
  { batches }: EngineRunner,
  { device, threads, batch, seconds }: TimingOrder,
): Promise<Timing['peer']> {
  process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
  const torch = await TorchPeer.start(threads, device === 'cpu' ? 'cpu' : 'cuda');
  if (!(torch instanceof TorchPeer)) return null;
  try {
    const runner = await torch.prepare(workload, batches, { batch, seconds });
    return { name: PEER_NAME, samplesPerSecond: (await runner.run()).samplesPerSecond };
  } finally {
    await torch.close();
  }
}
