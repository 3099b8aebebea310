/** Tells an asker what came of its request. */
import { getExternalWorkflowHandle, isCancellation, log } from '@temporalio/workflow';
import { dateSettledSignal, type DateReply } from '../contracts/messages';

/** Signals the asker's workflow. An asker that is gone needs no answer; the log says so. */
export async function sendReply(replyTo: string, answer: DateReply): Promise<void> {
  try {
    await getExternalWorkflowHandle(replyTo).signal(dateSettledSignal, answer);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('the sender no longer waits for an answer', {
      requestId: answer.requestId,
      replyTo,
      error: String(error),
    });
  }
}
